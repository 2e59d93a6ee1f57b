package help

import (
	"benchtop/lab/figure"
	"benchtop/tui/draw"
	"benchtop/tui/screen"
	"benchtop/tui/theme"
)

// glossary are the words that stand on the screens without an explanation beside them, each in a sentence.
var glossary = [][2]string{
	{"DECIDED", "The variants differ, by more than what the scenario counts; of a hundred runs on a machine in the same state one at most says so wrongly."},
	{"NO DIFFERENCE", "If the variants differ at all, then by less than what the scenario counts."},
	{"CANNOT TELL", "The run leaves it open whether the variants differ; more blocks or a quieter machine may decide it."},
	{"DISTURBED", "The run cannot tell, and blocks of it were disturbed, which is the likely reason. A run that decides all the same is not called so: it holds for a machine in that state."},
	{"REFUSED", "The figures say nothing of the variants: the run was stopped, the generator could not follow, or too much failed."},
	{"block", "A block is one turn through all variants and back, A B B A; their number is decided before the run."},
	{"slice", "A slice is one variant under load: it settles, then its window is measured."},
	{"settling", "Settling is the first part of a slice, in which connections are opened and nothing is counted yet."},
	{"window", "The window is the part of a slice that is measured; throughput is what was answered inside it."},
	{"left at their end", "These are the requests that were sent in a window and had no response when it ended; they are waited for, and their latency counts."},
	{"pair", "A pair is two slices of one block, one of the variant and one of the baseline; a change is the mean over pairs."},
	{"void", "A void slice does not count, because a worker died in it or the lab or the generator stood still."},
	{"disturbed", "A disturbed slice ran while other programs used the machine; its block runs again while repeats are left."},
	{"provisional", "A provisional change is that of the pairs so far; the verdict falls once, after the last block."},
	{"exploratory", "An exploratory figure is none that the plan decides by; it may lead to the next question."},
	{"noise floor", "The noise floor is " + figure.FloorIs + ". " + figure.FloorNot},
	{"95 % CI", "The 95 % confidence interval is the range in which the true change lies in 95 of 100 such runs; a difference is decided on that of 99 %."},
	{"steal", "Steal is the share of the time in which the hypervisor gave this machine's processors to others."},
	{"loop lag", "Loop lag is how late the event loop of a worker comes to work that is due."},
	{"queue wait", "Queue wait is how long a request waits in the worker for its turn, before its handler begins."},
	{"RSS", "RSS, the resident set size, is the memory of a process that is in RAM, shared pages included."},
	{"share", "The share of a worker is its part of all responses so far; the largest worker's share under why is the mean over the slices that count."},
	{"p50", "p50 is the median. Beside all requests it is that of all of them together; beside a change it is the mean of the pairs, slice by slice, which a verdict rests on."},
	{"p99", "One request in a hundred takes longer than p99, the 99th percentile; one in twenty longer than p95. ~ before one: too few requests to be sure of it."},
	{"late", "A generator is late where it had time left and sent after the schedule all the same; at its limit it had none left."},
	{"score ███▍·", "The bar behind a scenario that is done is its score: a cell is a fifth of the points for prediction and quiz."},
	{"together", "Together stands for the machines of a class: the mean of their ratios, in which no absolute figure takes part. Rows that were refused do not count in it."},
	{"next laptop", "The next laptop of a class would land in this range, with 95 %. With few machines it is far wider than what they have shown."},
	{"it depends", "It depends on the machine where those of a class differ from each other by more than measuring explains: the mean answers for none of them."},
	{"place", "A place beside a prediction in a class: a narrow range that holds the ratio comes first, and one that misses it by far comes last."},
}

// wordWidth is the column of the words.
const wordWidth = 19

// words are those that pass the filter, each with its sentence.
func (h *help) words(f screen.Frame, w int) []string {
	out := draw.Text{W: w}
	for _, g := range glossary {
		if !screen.Holds(g[0]+" "+g[1]+" words", h.filter) {
			continue
		}
		if len(out.Lines) == 0 {
			out.Add(theme.NewLine(w).Put(f.Look.Accent, "words").Done())
		}
		l := theme.NewLine(w).Put(f.Look.Strong, g[0])
		for _, part := range theme.Wrap(g[1], w-wordWidth) {
			out.Add(l.To(wordWidth).Put(f.Look.Text, part).Done())
			l = theme.NewLine(w)
		}
	}
	return out.Lines
}
