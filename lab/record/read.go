package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"

	"benchtop/lab"
	"benchtop/lab/regular"
	"benchtop/targets/printable"
)

// Run is a run file that was read.
type Run struct {
	Events []lab.Event
	Tail
}

// State folds the whole run.
func (run *Run) State() *lab.State { return lab.FoldAll(run.Events) }

// Tail says where a run file ends before its run does. The zero value is that of a whole file.
type Tail struct {
	Torn bool // the last line was cut off, or the end of the run is missing
	Cut  int  // the line, from 1, that is not whole or not there, when Torn
}

// Notice says what a reader must know of the file, empty when it is whole.
func (t *Tail) Notice() string {
	if !t.Torn {
		return ""
	}
	kept := fmt.Sprintf("the %d lines before it are whole and are shown", t.Cut-1)
	if t.Cut == 2 {
		kept = "only the line before it is whole"
	}
	return cutAt(t.Cut) + ", before the end of the run; " + kept
}

func cutAt(line int) string { return fmt.Sprintf("the run file is cut at line %d", line) }

// Limits of a run file, unpacked: a line, and what is kept of a run to be replayed.
const (
	maxLine = 16 << 20
	maxKept = 512 << 20
)

// ErrNotRun is wrapped for a file that holds no run.
var ErrNotRun = errors.New("not a run file")

// Open reads a run file and keeps its events.
func Open(path string) (*Run, error) {
	var run *Run
	err := With(path, func(f io.Reader) (err error) {
		run, err = Read(f)
		return err
	})
	return run, err
}

// Read is Open for an open stream.
func Read(r io.Reader) (*Run, error) {
	run := &Run{}
	kept := int64(0)
	var err error
	run.Tail, err = Scan(r, func(e *lab.Event, size int) error {
		if kept += int64(size); kept > maxKept {
			return fmt.Errorf("its events are more than %d MiB, too many to be replayed; `benchtop report` reads it", maxKept>>20)
		}
		run.Events = append(run.Events, *e)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return run, nil
}

// Fold folds a run without keeping its events, for what needs its result only: the rows for the charts are skipped.
func Fold(r io.Reader) (*lab.Fold, Tail, error) {
	fold := lab.NewFold()
	tail, err := Scan(r, func(e *lab.Event, _ int) error {
		fold.Apply(*e)
		return nil
	}, lab.KindInterval)
	return fold, tail, err
}

// With opens a run file for a while.
func With(path string, do func(io.Reader) error) error {
	f, err := regular.Open(path)
	if errors.Is(err, regular.ErrNotRegular) {
		return fmt.Errorf("reading a run file: %w; name a run file, or - for standard input", err)
	}
	if err != nil {
		return fmt.Errorf("reading a run file: %w", err)
	}
	defer func() { _ = f.Close() }()
	if err := do(f); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// Scan gives the events of one run one after the other, with the length of their lines, in bounded memory. It reads JSON
// lines and what Create writes. Events of the kinds to skip are looked at and left out. A torn end is left out; a run
// whose end is missing gets an end that says so. A file of a later format is refused with what to do, and so is an event
// that no run can have. The first error of do ends it.
func Scan(r io.Reader, do func(e *lab.Event, size int) error, skip ...lab.Kind) (Tail, error) {
	in, err := unpack(r)
	if err != nil {
		return Tail{}, err
	}
	s := scanner{do: do, skip: skip, salvage: in.salvage}
	whole := 0 // lines
	for n := 1; ; n++ {
		line, last, err := in.line()
		if err != nil {
			return Tail{}, s.wrong(n, "%w", err)
		}
		if len(bytes.TrimSpace(line)) > 0 {
			keep, err := s.take(n, line, last)
			if err != nil {
				return Tail{}, err
			}
			if !keep {
				break
			}
			whole = n
		}
		if last {
			break
		}
	}
	return s.finish(whole + 1)
}

// scanner is a run file that is read.
type scanner struct {
	do      func(*lab.Event, int) error
	skip    []lab.Kind
	seq     uint64 // of the last event
	at      int64
	salvage func(line int) string
	ended   bool
}

// take adds one line. A line that is no JSON is the torn tail when nothing follows it.
func (s *scanner) take(n int, line []byte, last bool) (bool, error) {
	if n == 1 {
		if err := known(line); err != nil {
			return false, err
		}
	}
	e, err := s.event(line)
	switch {
	case err == nil:
	case n == 1:
		return false, fmt.Errorf("line 1: %w: expected the first event of a run as JSON", ErrNotRun)
	case last:
		return false, nil
	default:
		return false, s.wrong(n, "a damaged event (%w), and more lines follow it", err)
	}
	if n == 1 && (e.Run == nil || e.Run.Benchtop == 0) {
		return false, fmt.Errorf("line 1: %w: expected an event of kind %q", ErrNotRun, lab.KindRun)
	}
	skipped := slices.Contains(s.skip, e.Kind)
	if err := e.Check(); err != nil && !skipped {
		if n == 1 {
			return false, fmt.Errorf("line 1: %w: %w", ErrNotRun, err)
		}
		return false, s.wrong(n, "%w", err)
	}
	switch {
	case n == 1:
	case e.Seq != s.seq+1:
		return false, s.wrong(n, "event %d follows event %d: lines are missing or doubled", e.Seq, s.seq)
	case e.At < s.at:
		return false, s.wrong(n, "event %d is earlier than event %d before it", e.Seq, s.seq)
	case e.Run != nil:
		return false, s.wrong(n, "a second run begins")
	case s.ended:
		return false, s.wrong(n, "event %d follows the end of the run", e.Seq)
	}
	s.seq, s.at, s.ended = e.Seq, e.At, e.End != nil
	if skipped {
		return true, nil
	}
	return true, s.do(e, len(line))
}

// wrong is the error of a line, with how to look at what stands before it.
func (s *scanner) wrong(n int, format string, args ...any) error {
	return fmt.Errorf("line %d: "+format+"%s", append(append([]any{n}, args...), s.salvage(n))...)
}

// event decodes a line, and cleans its texts.
func (s *scanner) event(line []byte) (*lab.Event, error) {
	e := &lab.Event{}
	if glance(line, e) && slices.Contains(s.skip, e.Kind) {
		if !json.Valid(line) {
			return nil, errors.New("it is no JSON")
		}
		return e, nil
	}
	*e = lab.Event{}
	if err := json.Unmarshal(line, e); err != nil {
		return nil, err
	}
	if !harmless(line) {
		sanitize(reflect.ValueOf(e), printable.Line)
	}
	return e, nil
}

// Event reads one line of a run from anywhere: an event that a run can have, with its texts fit to print.
func Event(line []byte) (*lab.Event, error) {
	if len(line) > maxLine {
		return nil, fmt.Errorf("an event of %d bytes: at most %d are read", len(line), maxLine)
	}
	var s scanner
	e, err := s.event(line)
	if err != nil {
		return nil, err
	}
	return e, e.Check()
}

// glance reads the beginning of a line as Writer writes it: the number, the time and the kind of its event. It reports
// whether it could.
func glance(line []byte, e *lab.Event) bool {
	rest, seq, ok := number(line, `{"seq":`)
	if !ok {
		return false
	}
	rest, at, ok := number(rest, `,"at":`)
	if !ok {
		return false
	}
	rest, ok = bytes.CutPrefix(rest, []byte(`,"kind":"`))
	end := bytes.IndexByte(rest, '"')
	if !ok || end < 0 {
		return false
	}
	e.Seq, e.At, e.Kind = seq, int64(at), lab.Kind(rest[:end]) //nolint:gosec // at most 18 digits
	return true
}

// number reads a number of at most 18 digits behind a prefix.
func number(line []byte, prefix string) (rest []byte, n uint64, ok bool) {
	rest, ok = bytes.CutPrefix(line, []byte(prefix))
	digits := 0
	for ; digits < len(rest) && digits < 18 && rest[digits] >= '0' && rest[digits] <= '9'; digits++ {
		n = 10*n + uint64(rest[digits]-'0')
	}
	return rest[digits:], n, ok && digits > 0
}

// known refuses a file of a later format by its first line, whatever else has changed in that.
func known(line []byte) error {
	var head struct {
		Run struct {
			Benchtop int `json:"benchtop"`
			Machine  struct {
				Benchtop string `json:"benchtop"`
			} `json:"machine"`
		} `json:"run"`
	}
	_ = json.Unmarshal(line, &head) // what else is wrong with the line is said when it is read as an event
	if head.Run.Benchtop > lab.FormatVersion {
		return fmt.Errorf("line 1: the file has format %d, this benchtop reads up to %d: use the benchtop that wrote it (%s) or a newer one",
			head.Run.Benchtop, lab.FormatVersion, printable.Line(head.Run.Machine.Benchtop))
	}
	return nil
}

// finish gives a run without an end one that says so, and at which line its file is cut.
func (s *scanner) finish(cut int) (Tail, error) {
	if s.seq == 0 {
		return Tail{}, fmt.Errorf("%w: it is empty", ErrNotRun)
	}
	if s.ended {
		return Tail{}, nil
	}
	return Tail{Torn: true, Cut: cut}, s.do(&lab.Event{
		Seq: s.seq + 1, At: s.at, Kind: lab.KindEnd, End: &lab.EndEvent{How: lab.EndedCut, Reason: cutAt(cut)},
	}, 0)
}
