package record

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"reflect"
	"slices"

	"benchtop/lab"
	"benchtop/lab/regular"
	"benchtop/targets/printable"
)

// Run is a run file that was read.
type Run struct {
	Events []lab.Event
	Torn   bool // the last line was cut off, or the end of the run is missing
	Cut    int  // the line, from 1, that is not whole or not there, when Torn
}

// Notice says what a reader must know of the file, empty when it is whole.
func (run *Run) Notice() string {
	if !run.Torn {
		return ""
	}
	kept := fmt.Sprintf("the %d lines before it are whole and are shown", run.Cut-1)
	if run.Cut == 2 {
		kept = "only the line before it is whole"
	}
	return cutAt(run.Cut) + ", before the end of the run; " + kept
}

func cutAt(line int) string { return fmt.Sprintf("the run file is cut at line %d", line) }

// Limits of a run file: a line, and the whole.
const (
	maxLine = 16 << 20
	maxFile = 2 << 30
)

// ErrNotRun is wrapped for a file that holds no run.
var ErrNotRun = errors.New("not a run file")

// Open reads a run file.
func Open(path string) (*Run, error) {
	f, err := regular.Open(path)
	if errors.Is(err, regular.ErrNotRegular) {
		return nil, fmt.Errorf("reading a run file: %w; name a run file, or - for standard input", err)
	}
	if err != nil {
		return nil, fmt.Errorf("reading a run file: %w", err)
	}
	defer func() { _ = f.Close() }()
	run, err := Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return run, nil
}

// Read reads the events of one run. A torn last line is left out; a run whose end is missing gets an end that says
// so. A file of a later format is refused with what to do.
func Read(r io.Reader) (*Run, error) {
	in := bufio.NewReaderSize(io.LimitReader(r, maxFile), 1<<20)
	run := &Run{}
	whole := 0 // lines
	for n := 1; ; n++ {
		line, err := readLine(in)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		last := err != nil
		if _, err := in.Peek(1); err != nil {
			last = true
		}
		if len(bytes.TrimSpace(line)) > 0 {
			if keep, err := run.take(n, line, last); err != nil {
				return nil, err
			} else if !keep {
				break
			}
			whole = n
		}
		if last {
			break
		}
	}
	return run, run.finish(whole + 1)
}

func readLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > maxLine {
			return nil, fmt.Errorf("a line of more than %d MiB", maxLine>>20)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}

// take adds one line. A line that is no JSON is the torn tail when nothing follows it.
func (run *Run) take(n int, line []byte, last bool) (bool, error) {
	var e lab.Event
	if n == 1 {
		if err := known(line); err != nil {
			return false, err
		}
	}
	if err := json.Unmarshal(line, &e); err != nil {
		if n > 1 && last {
			return false, nil
		}
		if n == 1 {
			return false, fmt.Errorf("line 1: %w: expected the first event of a run as JSON", ErrNotRun)
		}
		return false, fmt.Errorf("line %d: a damaged event (%w), and more lines follow it; %s", n, err, salvage(n))
	}
	if n == 1 {
		switch {
		case e.Run == nil || e.Run.Benchtop == 0:
			return false, fmt.Errorf("line 1: %w: expected an event of kind %q", ErrNotRun, lab.KindRun)
		case len(e.Run.Plan.Variants) == 0:
			return false, fmt.Errorf("line 1: %w: its plan has no variants", ErrNotRun)
		}
	}
	if len(run.Events) > 0 && e.Seq != run.Events[len(run.Events)-1].Seq+1 {
		return false, fmt.Errorf("line %d: event %d follows event %d: lines are missing or doubled; %s", n, e.Seq, run.Events[len(run.Events)-1].Seq, salvage(n))
	}
	sanitize(reflect.ValueOf(&e), printable.Line)
	run.Events = append(run.Events, e)
	return true, nil
}

// salvage says how to look at what stands before a damaged line.
func salvage(n int) string {
	return fmt.Sprintf("`head -n %d` of the file is a run that is cut there, and can be shown", n-1)
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
func (run *Run) finish(cut int) error {
	if len(run.Events) == 0 {
		return fmt.Errorf("%w: it is empty", ErrNotRun)
	}
	last := run.Events[len(run.Events)-1]
	if last.End == nil {
		run.Torn, run.Cut = true, cut
		run.Events = append(run.Events, lab.Event{
			Seq: last.Seq + 1, At: last.At, Kind: lab.KindEnd, End: &lab.EndEvent{How: lab.EndedCut, Reason: cutAt(run.Cut)},
		})
	}
	return nil
}

// State folds the whole run.
func (run *Run) State() *lab.State { return lab.FoldAll(run.Events) }

// severalLines are the fields of events whose texts may have them: a lesson, or the last lines of a component. Elsewhere
// a line feed would forge a line of what is printed.
var severalLines = map[string]bool{"Lesson": true, "Notes": true, "Why": true, "Body": true, "Text": true, "Reason": true, "Void": true}

// sanitize makes every text of a value fit to print: a run file may come from anybody. text is how a string there is.
func sanitize(v reflect.Value, text func(string) string) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			sanitize(v.Elem(), text)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Field(i)
			switch {
			case !field.IsExported():
			case severalLines[field.Name]:
				sanitize(v.Field(i), printable.Lines)
			default:
				sanitize(v.Field(i), printable.Line)
			}
		}
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return
		}
		for i := range v.Len() {
			sanitize(v.Index(i), text)
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			value := v.MapIndex(k)
			switch {
			case k.Kind() == reflect.String && text(k.String()) != k.String():
				v.SetMapIndex(k, reflect.Value{})
			case value.Kind() == reflect.String:
				v.SetMapIndex(k, reflect.ValueOf(text(value.String())).Convert(value.Type()))
			}
		}
	case reflect.String:
		if s := v.String(); v.CanSet() && text(s) != s {
			v.SetString(text(s))
		}
	}
}

// Latest is the newest run file in a folder.
func Latest(dir string) (string, error) { return newest(dir, 0) }

// Previous is the run file before the newest one in a folder.
func Previous(dir string) (string, error) { return newest(dir, 1) }

func newest(dir string, back int) (string, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*"+Extension))
	switch {
	case err != nil:
		return "", fmt.Errorf("looking for run files: %w", err)
	case len(names) == 0:
		return "", fmt.Errorf("no run is saved in %s yet: run a scenario first, for example `benchtop run noise`", dir)
	case len(names) <= back:
		return "", fmt.Errorf("only one run is saved in %s: run a scenario again, or name a run file", dir)
	}
	slices.Sort(names) // the names begin with the time
	return names[len(names)-1-back], nil
}
