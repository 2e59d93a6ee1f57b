// Package progress keeps what a person has done in the lessons: which scenarios have a run that counts and how they were
// decided, what was predicted beforehand and how that scores, and the answers of the quizzes. The types are plain;
// Store keeps them in one file of the state folder.
package progress

import (
	"maps"
	"time"
)

// Version of the file. A file of another version is not read.
const Version = 1

// Progress is everything that is kept.
type Progress struct {
	Benchtop  int                 `json:"benchtop"`       // Version
	Last      string              `json:"last,omitempty"` // id of the scenario that was worked on last
	Track     string              `json:"track,omitempty"`
	Exports   string              `json:"exports,omitempty"` // folder that exports go to; empty: it was not asked for yet
	Scenarios map[string]Scenario `json:"scenarios"`
	Mysteries map[string]Mystery  `json:"mysteries,omitempty"` // by their seed
}

// Scenario is what was done in one scenario. Values are replaced, never changed in place: a Progress may share them.
type Scenario struct {
	Done       *time.Time  `json:"done,omitempty"`       // when a run last came to its end and was not refused
	Verdicts   []Verdict   `json:"verdicts,omitempty"`   // of its primary metric, one per variant but the baseline
	Prediction *Prediction `json:"prediction,omitempty"` // the last one that was locked
	Quiz       []Answer    `json:"quiz,omitempty"`       // by question
}

// Verdict is the decision of one comparison, as lab.Result has it. Ratio is the variant over the baseline.
type Verdict struct {
	Metric   string      `json:"metric"`
	Variant  string      `json:"variant"`
	Baseline string      `json:"baseline"`
	Verdict  string      `json:"verdict"`
	Ratio    *float64    `json:"ratio"`
	CI95     *[2]float64 `json:"ci95"`
}

// NoDifference as a Prediction's Winner means that no variant is better by what counts. It is never a variant's id.
const NoDifference = "="

// Prediction is what a person said before a run. Low and High are the ends of the interval for the ratio of Variant
// over Baseline in Metric: 1.5 is half as much again.
type Prediction struct {
	Metric   string    `json:"metric"`
	Variant  string    `json:"variant"`
	Baseline string    `json:"baseline"`
	Winner   string    `json:"winner"` // id of the variant that is best in Metric, or NoDifference
	Low      float64   `json:"low"`
	High     float64   `json:"high"`
	Locked   time.Time `json:"locked"`
	Skipped  bool      `json:"skipped,omitempty"` // the person chose not to predict; the fields above but Locked are empty
	Outcome  *Outcome  `json:"outcome,omitempty"` // nil: not measured yet
}

// Outcome is how a prediction turned out.
type Outcome struct {
	Measured *float64    `json:"measured"` // ratio, nil if it was not measured or refused
	CI95     *[2]float64 `json:"ci95"`
	Covered  bool        `json:"covered"`          // Low <= Measured <= High
	Score    *float64    `json:"score"`            // Winkler's, on log ratios: 0 is perfect
	Winner   Guess       `json:"winner"`           // how the guess of the winner turned out
	Best     []string    `json:"best,omitempty"`   // ids of those that the best one does not beat, itself included; or NoDifference alone
	Reason   string      `json:"reason,omitempty"` // why there is no score
}

// Guess is how the guess of the winner turned out.
type Guess string

// The guesses. Shared: the guessed one is among the best, between which there is no difference that counts. Open: the run
// does not decide it.
const (
	GuessRight  Guess = "right"
	GuessShared Guess = "shared"
	GuessWrong  Guess = "wrong"
	GuessOpen   Guess = "open"
)

// Answer is the answer to one question of a quiz.
type Answer struct {
	Option  int       `json:"option"` // index
	Correct bool      `json:"correct"`
	At      time.Time `json:"at"`
}

// Right counts the correct answers.
func (s *Scenario) Right() int {
	n := 0
	for _, a := range s.Quiz {
		if a.Correct {
			n++
		}
	}
	return n
}

// Empty reports whether nothing is kept.
func (p *Progress) Empty() bool {
	return len(p.Scenarios) == 0 && len(p.Mysteries) == 0 && p.Last == ""
}

// Change changes one scenario and makes it the last one.
func (p *Progress) Change(id, track string, change func(*Scenario)) {
	s := p.Scenarios[id]
	change(&s)
	if p.Scenarios == nil {
		p.Scenarios = map[string]Scenario{}
	}
	p.Scenarios[id] = s
	p.Last, p.Track = id, track
}

// clone is a Progress that can be changed without changing this one.
func (p *Progress) clone() Progress {
	out := *p
	out.Benchtop = Version
	out.Scenarios, out.Mysteries = maps.Clone(p.Scenarios), maps.Clone(p.Mysteries)
	if out.Scenarios == nil {
		out.Scenarios = map[string]Scenario{}
	}
	return out
}
