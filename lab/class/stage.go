package class

// Lesson is a scenario that the trainer has opened. Text goes to seats once, besides the Stage.
type Lesson struct {
	Number   int        `json:"number"` // in the class, from 1
	ID       string     `json:"id"`
	Title    string     `json:"title"`
	SHA256   string     `json:"sha256"`         // of the text
	Text     string     `json:"text,omitempty"` // of the scenario file
	Metric   string     `json:"metric"`         // of the main comparison: the primary one
	Variant  string     `json:"variant"`        // of the main comparison: the one that the lesson asks about
	Baseline string     `json:"baseline"`
	Smallest float64    `json:"smallest"`      // effect that counts, as a share
	Ask      string     `json:"ask,omitempty"` // the question of the prediction
	Variants []string   `json:"variants"`      // ids, in the order of the file
	Quiz     []Question `json:"quiz,omitempty"`
}

// Question is one of the quiz, without which option is right.
type Question struct {
	Ask     string   `json:"ask"`
	Options []string `json:"options"`
}

// NoDifference as the winner of a prediction says that no variant is best; as lab/progress has it.
const NoDifference = "="

// Prediction is what a seat said before its run: the range of the ratio of the lesson's variant over its baseline, and which
// variant is best, or NoDifference.
type Prediction struct {
	Winner  string  `json:"winner,omitempty"` // id of a variant
	Low     float64 `json:"low,omitempty"`
	High    float64 `json:"high,omitempty"`
	Skipped bool    `json:"skipped,omitempty"` // the person chose not to predict; the rest is empty
}

// Estimate is a result without its seat: what the room shows to all.
type Estimate struct {
	Ratio   *float64    `json:"ratio"` // nil: there is no pair of slices
	CI95    *[2]float64 `json:"ci95"`
	Pairs   int         `json:"pairs"`
	Verdict string      `json:"verdict"` // as lab.Comparison has it
	// Disturbed says that the machine was.
	Disturbed bool `json:"disturbed,omitempty"`
	// Recorded is which recorded run it is of, empty: the seat's machine measured it.
	Recorded string `json:"recorded,omitempty"`
}

// Stage is what seats and spectators are shown of the class: nothing that is sealed, and nobody's name. A seat knows which
// of it is its own by the values.
type Stage struct {
	Class   string  `json:"class"`   // id of the class
	Name    string  `json:"name"`    // of the class
	Number  uint64  `json:"number"`  // grows with every change
	Seats   int     `json:"seats"`   // that are here, without spectators
	Counted int     `json:"counted"` // that the lesson counts; see Room.Counted
	Lesson  *Lesson `json:"lesson"`  // without its text; nil before the first

	// Of the current lesson, nil while they are sealed.
	Predictions []Prediction `json:"predictions,omitempty"` // by their ranges, those that were skipped left out
	Results     []Estimate   `json:"results,omitempty"`     // by their ratios; open together with the predictions
	Votes       [][]int      `json:"votes,omitempty"`       // by question, seats by option; open with the answers
	Right       []int        `json:"right,omitempty"`       // by question, the option; open with the answers

	PredictionsOpen bool   `json:"predictions_open,omitempty"`
	AnswersOpen     bool   `json:"answers_open,omitempty"`
	Live            bool   `json:"live,omitempty"` // the trainer's run is going on
	Runs            string `json:"runs,omitempty"` // id of the scenario that it runs
	Ended           bool   `json:"ended,omitempty"`
}
