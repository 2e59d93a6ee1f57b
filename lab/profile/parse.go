package profile

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	pprof "github.com/google/pprof/profile"
)

// Largest is how many bytes a profile may have, unpacked.
const Largest = 64 << 20

// ErrTooLarge says that a profile has more than Largest bytes.
var ErrTooLarge = fmt.Errorf("it is larger than %d MiB", Largest>>20)

// ReadAll reads what is no larger than Largest.
func ReadAll(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, Largest+1))
	if err == nil && len(data) > Largest {
		return nil, ErrTooLarge
	}
	return data, err
}

// FromPprof reads a CPU profile in the format of pprof, packed or not.
func FromPprof(data []byte) (*Profile, error) {
	if bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
		packed, err := gzip.NewReader(bytes.NewReader(data))
		if err == nil {
			data, err = ReadAll(packed)
		}
		if err != nil {
			return nil, fmt.Errorf("unpacking it: %w", err)
		}
	}
	from, err := pprof.ParseUncompressed(data)
	if err == nil {
		err = from.CheckValid()
	}
	if err != nil {
		return nil, fmt.Errorf("it is no profile of pprof: %w", err)
	}
	count, period, err := cpuSamples(from)
	if err != nil {
		return nil, err
	}
	b := &builder{}
	for _, s := range from.Sample {
		frames, resolved := pprofStack(s)
		if err := b.add(frames, count(s), resolved); err != nil {
			return nil, err
		}
	}
	p, err := b.profile(Pprof, period)
	if err == nil {
		p.Seconds = math.Round(time.Duration(max(from.DurationNanos, 0)).Seconds()*10) / 10
	}
	return p, err
}

// cpuSamples gives what counts the samples of a CPU profile, and what one stands for.
func cpuSamples(p *pprof.Profile) (count func(*pprof.Sample) int64, period time.Duration, err error) {
	if p.PeriodType == nil || p.PeriodType.Type != "cpu" || p.PeriodType.Unit != "nanoseconds" || p.Period <= 0 || p.Period > int64(time.Minute) {
		return nil, 0, errors.New("it is no profile of CPU time; the path of Go's is /debug/pprof/profile")
	}
	for i, t := range p.SampleType {
		if t.Type == "samples" || t.Type == "sample" {
			return func(s *pprof.Sample) int64 { return s.Value[i] }, time.Duration(p.Period), nil
		}
	}
	for i, t := range p.SampleType {
		if t.Type == "cpu" && t.Unit == "nanoseconds" {
			return func(s *pprof.Sample) int64 { return s.Value[i] / p.Period }, time.Duration(p.Period), nil
		}
	}
	return nil, 0, errors.New("it counts no samples of CPU time")
}

// pprofStack is a stack of pprof with the outermost function first. Functions that were inlined have a place of their own.
func pprofStack(s *pprof.Sample) (frames []string, resolved bool) {
	for i := len(s.Location) - 1; i >= 0; i-- {
		l := s.Location[i]
		resolved = false
		for k := len(l.Line) - 1; k >= 0; k-- {
			if f := l.Line[k].Function; f != nil && f.Name != "" {
				frames, resolved = append(frames, name(f.Name)), true
			}
		}
		if resolved {
			continue
		}
		file := ""
		if l.Mapping != nil {
			file = l.Mapping.File
		}
		frames = append(frames, nameless(file))
	}
	return frames, resolved
}

// FromPySpy reads the folded stacks of `py-spy record --format raw`, each sample of which stands for a period. The numbers of
// lines go: they move with every change of a file.
func FromPySpy(data []byte, period time.Duration) (*Profile, error) {
	b := &builder{}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		frames, samples, err := unfold(line)
		if err != nil {
			return nil, err
		}
		for i, f := range frames {
			if at := strings.LastIndexByte(f, ':'); at > 0 && strings.Trim(f[at+1:], "0123456789") == ")" {
				f = f[:at] + ")"
			}
			frames[i] = name(f)
		}
		if err := b.add(frames, samples, true); err != nil {
			return nil, err
		}
	}
	return b.profile(PySpy, period)
}

// FromPerf reads what `perf script -F comm,pid,tid,ip,sym,dso` writes: of every sample a line that begins with the name of the
// thread, then its functions, each on a line after a tab, the innermost first, and an empty line.
func FromPerf(r io.Reader, period time.Duration) (*Profile, error) {
	b := &builder{}
	var frames []string
	inSample, resolved := false, false
	end := func() error {
		if !inSample {
			return nil
		}
		for i, k := 0, len(frames)-1; i < k; i, k = i+1, k-1 {
			frames[i], frames[k] = frames[k], frames[i]
		}
		err := b.add(frames, 1, resolved)
		frames, inSample, resolved = frames[:0], false, false
		return err
	}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		switch {
		case strings.TrimSpace(line) == "":
			if err := end(); err != nil {
				return nil, err
			}
		case !strings.HasPrefix(line, "\t"):
			if err := end(); err != nil {
				return nil, err
			}
			inSample = true
		case !inSample:
			return nil, fmt.Errorf("perf said %.80q where a sample was expected", line)
		default:
			function, known := perfFrame(line)
			if len(frames) == 0 {
				resolved = known
			}
			frames = append(frames, function)
		}
	}
	if err := errors.Join(lines.Err(), end()); err != nil {
		return nil, err
	}
	return b.profile(Perf, period)
}

// perfFrame is the function of a line such as "\t  46d2f3 main.work (/srv/app)", and whether it has a name.
func perfFrame(line string) (string, bool) {
	_, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	function, file := rest, ""
	if at := strings.LastIndex(rest, " ("); at >= 0 && strings.HasSuffix(rest, ")") {
		function, file = rest[:at], rest[at+2:len(rest)-1]
	}
	function = strings.TrimSpace(function)
	if function == "" || function == unknown {
		return nameless(file), false
	}
	return name(function), true
}
