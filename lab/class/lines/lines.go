// Package lines is a class without a screen: commands are read line by line, and what changes is printed as lines, for the trainer, for a
// seat, and for a class that is replayed.
package lines

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"benchtop/lab/class"
	"benchtop/lab/figure"
	"benchtop/lab/progress"
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
	if r.Main >= 0 && r.Main < len(r.Comparisons) {
		c := &r.Comparisons[r.Main]
		text = Measured(c.Ratio, c.CI95, c.Verdict)
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

// Measured is a ratio with its interval and its verdict.
func Measured(ratio *float64, ci *[2]float64, verdict string) string {
	if ratio == nil {
		return "no ratio, " + verdict
	}
	text := figure.Change(*ratio)
	if ci != nil {
		text += " (" + figure.Changes(ci) + ")"
	}
	return text + ", " + verdict
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
