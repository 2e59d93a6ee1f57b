package tui

import (
	"slices"

	"benchtop/lab"
	"benchtop/lab/progress"
)

// quiz is the questions of one scenario while they are answered.
type quiz struct {
	plan   *lab.Plan
	from   screen // where esc leads
	at     int    // question; after the last one the score
	cursor int    // option
	chosen []int  // by question: option, -1 not answered yet
}

// detour is the way from a quiz to the lesson that proves an option, and back.
type detour struct{ selected string }

// quizPlan is the plan whose quiz can be opened where the person is.
func (m *model) quizPlan() *lab.Plan {
	if m.screen == screenCatalogue || m.screen == screenLesson {
		if e := m.entry(); e != nil {
			return e.Plan
		}
		return nil
	}
	if m.state == nil {
		return nil
	}
	return m.state.Plan
}

// openQuiz opens the quiz, or goes on with the one that was left.
func (m *model) openQuiz() {
	p := m.quizPlan()
	from := m.screen
	m.screen, m.scrolled[screenQuiz] = screenQuiz, 0
	if m.quiz != nil && m.quiz.plan.ID == p.ID && m.quiz.plan.SHA256 == p.SHA256 && m.quiz.at < len(p.Quiz) {
		m.quiz.from = from
		return
	}
	m.quiz = &quiz{plan: p, from: from, chosen: make([]int, len(p.Quiz))}
	for i := range m.quiz.chosen {
		m.quiz.chosen[i] = -1
	}
	begun := m.begunQuiz(p)
	for i, a := range begun {
		m.quiz.chosen[i] = a.Option
	}
	m.quiz.at = len(begun)
}

func (m *model) whyNoQuiz() string {
	p := m.quizPlan()
	switch {
	case p == nil || len(p.Quiz) == 0:
		return "this scenario has no quiz"
	case m.screen == screenCatalogue || m.screen == screenLesson:
		if e := m.entry(); !m.isDone(e) {
			return "run it first: the quiz is about what it shows"
		}
	case p.Free:
		return "a free run has no quiz"
	case m.state.End == nil || m.state.End.How != lab.EndComplete:
		return "the run did not come to its end; the quiz is about what it shows"
	}
	return ""
}

// question is the one on screen, nil on the page of the score.
func (q *quiz) question() *lab.Quiz {
	if q == nil || q.at >= len(q.plan.Quiz) {
		return nil
	}
	return &q.plan.Quiz[q.at]
}

// answered tells whether the question on screen has its answer.
func (q *quiz) answered() bool { return q.question() != nil && q.chosen[q.at] >= 0 }

// right counts the correct answers.
func (q *quiz) right() int {
	n := 0
	for i, c := range q.chosen {
		if c >= 0 && q.plan.Quiz[i].Options[c].Correct {
			n++
		}
	}
	return n
}

// moveOption moves through the options; after the answer it chooses whose proof is meant.
func (m *model) moveOption(n int) {
	q := m.quiz
	if ask := q.question(); ask != nil {
		q.cursor = min(max(q.cursor+n, 0), len(ask.Options)-1)
	}
}

func (m *model) chooseOption(n int) {
	if ask := m.quiz.question(); ask != nil && n >= 1 && n <= len(ask.Options) {
		m.quiz.cursor = n - 1
	}
}

func (m *model) whyNoOption() string {
	if m.quiz.question() == nil {
		return "every question is answered"
	}
	return ""
}

// answer answers the question, goes on to the next one, and from the score to the next scenario.
func (m *model) answer() {
	q := m.quiz
	ask := q.question()
	switch {
	case ask == nil:
		m.goOn()
		return
	case q.answered():
		q.at++
		q.cursor, m.scrolled[screenQuiz] = 0, 0
		return
	}
	q.chosen[q.at] = q.cursor
	m.scrolled[screenQuiz] = toTheEnd
	given := progress.Answer{Option: q.cursor, Correct: ask.Options[q.cursor].Correct, At: m.cfg.Now()}
	at := q.at
	m.keep(q.plan, func(s *progress.Scenario) {
		s.Quiz = append(slices.Clone(s.Quiz[:min(at, len(s.Quiz))]), given)
	})
}

// toTheEnd is a scroll position that the drawing clamps to the last line.
const toTheEnd = 1 << 20

// answerWord is what Enter does now, for the help line.
func (m *model) answerWord() string {
	switch {
	case m.quiz == nil || m.quiz.question() == nil:
		return "next scenario"
	case !m.quiz.answered():
		return "answer"
	case m.quiz.at == len(m.quiz.plan.Quiz)-1:
		return "score"
	}
	return "next question"
}

func (m *model) whyNoAnswer() string {
	if m.quiz.question() == nil {
		return m.whyNoNext()
	}
	return ""
}

// proof is the scenario that shows what the selected option says; where that one names none, the right option's.
func (q *quiz) proof() string {
	ask := q.question()
	if ask == nil {
		return ""
	}
	if p := ask.Options[q.cursor].Proof; p != "" {
		return p
	}
	for _, o := range ask.Options {
		if o.Correct {
			return o.Proof
		}
	}
	return ""
}

// openProof opens the lesson of the scenario that proves an option; esc leads back to the question.
func (m *model) openProof() {
	m.detour = &detour{selected: m.selected}
	m.clearFilter()
	m.selected = m.quiz.proof()
	m.openLesson()
}

func (m *model) whyNoProof() string {
	q := m.quiz
	switch {
	case q.question() == nil:
		return "the proofs belong to the questions"
	case !q.answered():
		return "answer first: the proof would give it away"
	case q.proof() == "":
		return "no scenario shows this one; it follows from the text"
	case !slices.ContainsFunc(m.cfg.Entries, func(e Entry) bool { return e.ID == q.proof() }):
		return q.proof() + " is not among the scenarios here; `benchtop` lists them"
	}
	return ""
}
