package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/lab/metric"
)

// Live prints a run as plain lines while it is going on: one line a second, what happens to processes at once, no
// escapes. It is a sink that looks at the fold after every event.
type Live struct {
	out     io.Writer
	fold    *lab.Fold
	printed int // lines of the event log
	lastAt  int64
	err     error
}

// NewLive prints to out what the fold knows; feed it every event after the fold has it.
func NewLive(out io.Writer, fold *lab.Fold) *Live {
	return &Live{out: out, fold: fold, lastAt: -int64(time.Second)}
}

// Err is the first error of writing.
func (l *Live) Err() error { return l.err }

// Event prints what the event is worth.
func (l *Live) Event(e lab.Event) {
	l.fold.Look(func(s *lab.State) {
		switch {
		case s.Plan == nil || e.Sample != nil:
		case e.Run != nil:
			l.head(s)
		case e.Interval == nil:
			l.log(s)
		default:
			every := time.Second
			if e.Interval.Phase == lab.RowSettle { // it is short: a line every second would meet it again and again
				every = 2 * time.Second
			}
			if _, ok := e.Interval.Rate(); ok && e.At-l.lastAt >= int64(every) {
				l.lastAt = e.At
				l.row(s, e.Interval)
			}
		}
	})
}

func (l *Live) line(format string, args ...any) {
	if l.err != nil {
		return
	}
	_, l.err = fmt.Fprintf(l.out, format+"\n", args...)
}

func (l *Live) head(s *lab.State) {
	p := s.Plan
	l.line("%s (%s)", p.Title, p.ID)
	if p.Free {
		l.line("%s, %s, slices of %s; a free run has no end of its own and decides nothing", LoadWords(&p.Variants[0].Load), figure.Lines.Counted(len(p.Variants), "variant"), figure.Duration(p.Slice))
		return
	}
	l.line("%s, %s, %s of %s slices, about %s", LoadWords(&p.Variants[0].Load), figure.Lines.Counted(len(p.Variants), "variant"), figure.Lines.Counted(p.Blocks, "block"), figure.Duration(p.Slice), figure.Duration(p.Duration()))
	if p.Quick {
		l.line("quick run: %s per variant; a verdict needs at least %d, so this cannot decide anything", figure.Lines.Counted(p.SlicesPerVariant(), "pair"), lab.MinPairs)
	}
}

func (l *Live) log(s *lab.State) {
	for ; l.printed < s.Logged; l.printed++ {
		at := len(s.Log) - (s.Logged - l.printed)
		if at < 0 { // forgotten
			continue
		}
		entry := s.Log[at]
		where := ""
		if entry.Variant != "" {
			where = entry.Variant + ": "
		}
		mark := ""
		if entry.Level != "info" {
			mark = strings.ToUpper(entry.Level) + " "
		}
		text := strings.ReplaceAll(entry.Text, "\n", "\n         ") // a component's last lines are not lines of ours
		l.line("%6.1fs  %s%s%s", time.Duration(entry.At).Seconds(), mark, where, text)
	}
}

func (l *Live) row(s *lab.State, i *lab.Interval) {
	var v *lab.VariantState
	for n := range s.Variants {
		if s.Variants[n].ID == i.Variant {
			v = &s.Variants[n]
		}
	}
	if v == nil {
		return
	}
	where := "warm-up"
	switch {
	case s.Phase.Phase == lab.PhaseProfile:
		where = "profiling"
	case i.Warmup:
	case i.Phase == lab.RowSettle:
		where = "settling"
	case s.Plan.Free:
		where = fmt.Sprintf("slice %d", s.Phase.Index)
	default:
		where = fmt.Sprintf("block %d/%d", s.Phase.Block, s.Plan.Blocks)
	}
	errors := ""
	if n := i.Counts.Requests - i.Counts.OK; n > 0 {
		errors = fmt.Sprintf("  errors %d", n)
	}
	rate := figure.Lines.RateOf(v.Now.RPS) + " req/s"
	if v.Now.Offered != nil {
		rate += " of " + figure.Lines.RateOf(v.Now.Offered) + " offered"
	}
	progress, left := figure.Whole(s.Progress), "  "+figure.Countdown(s.Left)+" left"
	if s.Plan.Free {
		progress, left = "free", ""
	}
	l.line("%6.1fs  %5s  %-12s %-12s %15s  %s %-8s %s %-8s CPU %5s%s%s", time.Duration(s.At).Seconds(), progress,
		where, i.Variant, rate, metric.Head("p50"), figure.Lines.MicrosOf(v.Now.P50), metric.Head("p99"), figure.Lines.MicrosOf(v.Now.P99), figure.Of(figure.Lines, &v.CPU, perCent), errors, left)
}

// LoadWords says what the load is: "closed, 64 connections".
func LoadWords(l *lab.Load) string {
	kept := ""
	if !l.KeepAlive {
		kept = ", a new one per request"
	}
	policy := l.PolicyWords()
	if policy != "" {
		policy = ", " + policy
	}
	if l.Model == "open" {
		rate := figure.Lines.Rate(l.Rate) + " req/s"
		switch {
		case len(l.Stages) > 0:
			lowest, highest := l.Stages.Range()
			rate = fmt.Sprintf("%s to %s req/s in stages of %s together", figure.Lines.Rate(lowest), figure.Lines.Rate(highest), figure.Duration(l.Stages.Total()))
		case l.Rate == 0 && l.RateShare > 0:
			rate = figure.Declared(l.RateShare) + " of the slowest variant's capacity"
		}
		if l.Arrivals == "poisson" {
			rate += ", poisson arrivals"
		}
		return "open, " + rate + kept + policy
	}
	return "closed, " + figure.Lines.Counted(l.Connections, "connection") + kept + policy
}
