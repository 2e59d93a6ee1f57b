// Package lines is a class without a screen: commands are read line by line, and what changes is printed as lines, for the trainer, for a
// seat, and for a class that is replayed.
package lines

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"benchtop/lab/answer"
	"benchtop/lab/class"
	"benchtop/lab/figure"
	"benchtop/lab/pooled"
	"benchtop/lab/progress"
	"benchtop/lab/stats"
	"benchtop/targets/routine"
)

// read gives the lines of a stream, until it ends or done is closed. What blocks on a terminal at the end of the program ends with it.
func read(in io.Reader, done <-chan struct{}) <-chan string {
	out := make(chan string)
	routine.Go(func() {
		defer close(out)
		lines := bufio.NewScanner(in)
		for lines.Scan() {
			select {
			case out <- strings.TrimSpace(lines.Text()):
			case <-done:
				return
			}
		}
	})
	return out
}

// printer prints lines until one cannot be.
type printer struct {
	out io.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.out, format+"\n", args...)
	}
}

// Did is what a seat did in a lesson, on one line.
func Did(en *class.Entry) string {
	var parts []string
	switch {
	case en == nil:
		return "has the lesson"
	case en.Doing == class.Declined:
		return "skipped it: " + en.Declined
	case en.Doing == class.Running && en.Block > 0:
		parts = append(parts, fmt.Sprintf("running, block %d of %d", en.Block, en.Blocks))
	case en.Doing != "":
		parts = append(parts, string(en.Doing))
	}
	if en.Predicted && en.Doing != class.Finished {
		parts = append(parts, "prediction sealed")
	}
	if en.Stopped != "" {
		parts = append(parts, "the run ended without a result: "+en.Stopped)
	}
	if en.Result != nil {
		parts = append(parts, Came(en.Result))
	}
	if en.Answered > 0 {
		parts = append(parts, fmt.Sprintf("%d answered", en.Answered))
	}
	if en.Disturbed != "" {
		parts = append(parts, "disturbed: "+en.Disturbed)
	}
	return strings.Join(parts, ", ")
}

// Came is what a result came to: the ratio of the main comparison with its interval and the verdict.
func Came(r *class.Result) string {
	text := "no comparison"
	if e := r.Estimate(); e != nil {
		text = measured(e)
	}
	if !r.Complete {
		text += ", not complete: " + r.Reason
	}
	if r.Quick {
		text += ", quick"
	}
	if r.Recorded != "" {
		text += ", recorded"
	}
	return text
}

// measured is a ratio with its interval and its badge, without its figures where it is not counted.
func measured(e *class.Estimate) string {
	v := stats.Verdict(e.Verdict)
	badge := string(answer.BadgeOf(v, e.Disturbed))
	if !pooled.Joins(e.Ratio, e.CI95, v) {
		return answer.NotCounted + ", " + badge
	}
	return figure.Change(*e.Ratio) + " (" + figure.Changes(e.CI95) + "), " + badge
}

// predicted is a prediction in words.
func predicted(p *class.Prediction) string {
	if p.Skipped {
		return "no prediction"
	}
	text := figure.Span(p.Low, p.High)
	switch p.Winner {
	case "":
	case progress.NoDifference:
		text += ", no difference"
	default:
		text += ", best is " + p.Winner
	}
	return text
}
