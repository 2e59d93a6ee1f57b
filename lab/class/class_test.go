package class

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"benchtop/lab"
)

const (
	ada   = "00000000000000aa"
	grace = "00000000000000bb"
	id    = "0123456789abcdef"
)

func float(x float64) *float64 { return &x }

func message(change func(*Message)) []byte {
	m := &Message{Benchtop: Version, ID: id, Class: "c", Seat: ada, Lesson: 1, At: time.Unix(1, 0)}
	change(m)
	text, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	return text
}

func TestMessagesAreStrict(t *testing.T) {
	good := message(func(m *Message) { m.Prediction = &Prediction{Winner: "b", Low: 1, High: 2} })
	if _, err := Decode(good); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]struct {
		text []byte
		want string
	}{
		"nothing":       {nil, "none"},
		"no JSON":       {[]byte("hello"), "none"},
		"unknown key":   {[]byte(strings.Replace(string(good), `"low"`, `"law"`, 1)), "unknown field"},
		"two values":    {append(append([]byte{}, good...), good...), "behind it"},
		"too large":     {message(func(m *Message) { m.Skip = &Skip{Reason: strings.Repeat("x", MaxMessage)} }), "at most"},
		"other version": {message(func(m *Message) { m.Benchtop = 2; m.Skip = &Skip{} }), "version 2"},
		"no body":       {message(func(*Message) {}), "0 bodies"},
		"two bodies":    {message(func(m *Message) { m.Skip = &Skip{}; m.Beat = &Beat{} }), "2 bodies"},
		"no seat":       {message(func(m *Message) { m.Seat = "*"; m.Skip = &Skip{} }), "no seat"},
		"no id":         {message(func(m *Message) { m.ID = ""; m.Skip = &Skip{} }), "16 hexadecimal"},
		"no lesson":     {message(func(m *Message) { m.Lesson = 0; m.Skip = &Skip{} }), "no lesson"},
		"turned range":  {message(func(m *Message) { m.Prediction = &Prediction{Low: 2, High: 1} }), "lower one first"},
		"escape":        {message(func(m *Message) { m.Skip = &Skip{Reason: "\x1b[2J"} }), "not to be printed"},
		"long name":     {message(func(m *Message) { m.Hello = &Hello{Name: strings.Repeat("x", maxName+1)} }), "at most"},
		"negative":      {message(func(m *Message) { m.Answer = &Answer{Question: -1} }), "question -1"},
		"odd progress":  {message(func(m *Message) { m.Progress = &Progress{Doing: "sleeping"} }), "allowed are"},
		"no such ratio": {message(func(m *Message) { m.Result = &Result{Main: -1, Comparisons: []Comparison{{Ratio: float(-1)}}} }), "no run has"},
		"main one":      {message(func(m *Message) { m.Result = &Result{Main: 1} }), "main one 1"},
	} {
		if _, err := Decode(text.text); err == nil || !strings.Contains(err.Error(), text.want) {
			t.Errorf("%s: %v, want %q", name, err, text.want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(message(func(m *Message) { m.Prediction = &Prediction{Winner: "b", Low: 1, High: 2} }))
	f.Add(message(func(m *Message) { m.Hello = &Hello{Name: "Ada"} }))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := Decode(text)
		if err != nil {
			return
		}
		again, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Decode(again); err != nil && len(again) <= MaxMessage {
			t.Errorf("%s is taken, and not as it is written again: %v", text, err)
		}
	})
}

// happened is a small class.
func happened() []Event {
	lesson := &Lesson{Number: 1, ID: "workers", Metric: "rps", Variant: "b", Baseline: "a", Variants: []string{"a", "b"}, Quiz: []Question{{Ask: "?", Options: []string{"x", "y"}}}}
	result := func(ratio float64) *Result {
		return &Result{Complete: true, Comparisons: []Comparison{{Metric: "rps", Variant: "b", Baseline: "a", Ratio: float(ratio), CI95: &[2]float64{ratio / 2, ratio * 2}, Verdict: "higher"}}}
	}
	events := []Event{
		{Kind: KindClass, Class: &Opening{Benchtop: Version, ID: "c", Name: "n"}},
		{Kind: KindHello, Seat: ada, Name: "Ada", Hello: &Hello{Name: "Ada"}},
		{Kind: KindHello, Seat: grace, Name: "Grace", Hello: &Hello{Name: "Grace"}},
		{Kind: KindLesson, Lesson: 1, Opened: lesson, Right: []int{1}},
		{Kind: KindProgress, Seat: grace, Lesson: 1, Progress: &Progress{Doing: Running, Block: 1, Blocks: 2}},
		{Kind: KindPrediction, Seat: grace, Lesson: 1, Prediction: &Prediction{Winner: "b", Low: 2, High: 3}},
		{Kind: KindPrediction, Seat: ada, Lesson: 1, Prediction: &Prediction{Winner: "a", Low: 1, High: 1.5}},
		{Kind: KindPrediction, Seat: ada, Lesson: 1, Prediction: &Prediction{Low: 9, High: 9}},
		{Kind: KindResult, Seat: grace, Lesson: 1, Result: result(3)},
		{Kind: KindResult, Seat: grace, Lesson: 1, Result: &Result{Main: -1}},
		{Kind: KindProgress, Seat: grace, Lesson: 1, Progress: &Progress{Doing: Reading}},
		{Kind: KindAnswer, Seat: grace, Lesson: 1, Answer: &Answer{Option: 1}},
		{Kind: KindAnswer, Seat: grace, Lesson: 1, Answer: &Answer{Option: 0}},
		{Kind: KindResult, Seat: ada, Lesson: 7, Result: result(2)},
		{Kind: KindResult, Seat: "0000000000000000", Lesson: 1, Result: result(2)},
		{Kind: KindAway, Seat: ada},
	}
	for i := range events {
		events[i].Seq, events[i].At = uint64(i+1), time.Unix(int64(i), 0).UTC()
	}
	return events
}

func room(events []Event) *Room {
	var r Room
	for i := range events {
		r.Apply(&events[i])
	}
	return &r
}

func TestRoom(t *testing.T) {
	r := room(happened())
	if len(r.Seats) != 2 || r.Seats[0].Here || !r.Seats[1].Here || r.Class != "c" {
		t.Errorf("%+v", r.Seats)
	}
	rd := r.Now()
	if len(rd.Entries) != 2 || rd.Entries[0].Seat != ada {
		t.Fatalf("not in the order of the room: %+v", rd.Entries)
	}
	if p := rd.Entry(ada).Prediction; p.Low != 1 {
		t.Errorf("the first prediction counts: %+v", p)
	}
	g := rd.Entry(grace)
	if c := g.Main(); g.Doing != Finished || c == nil || *c.Ratio != 3 || g.Answered != 1 || g.Answers[0] != 1 {
		t.Errorf("%+v", g)
	}
	if got := r.Free("", "Ada"); got != "Ada 2" {
		t.Errorf("a second Ada is %q", got)
	}
}

// The room shows what every seat measured, also what does not count, and who was disturbed: a seat has the rows that the trainer has.
func TestEveryResultIsShown(t *testing.T) {
	r := room(happened())
	refused := &Result{Disturbed: "by a backup", Comparisons: []Comparison{{Verdict: "refused"}}}
	r.Apply(&Event{Seq: 17, Kind: KindResult, Seat: ada, Lesson: 1, Result: refused})
	r.Apply(&Event{Seq: 18, Kind: KindPredictions, Lesson: 1})
	st := r.Stage()
	if len(st.Results) != 2 || st.Results[0].Verdict != "refused" || !st.Results[0].Disturbed || st.Results[1].Disturbed || *st.Results[1].Ratio != 3 {
		t.Errorf("%+v", st.Results)
	}
}

// What is sealed is in nothing that leaves the trainer's machine, and on no screen.
func TestSealed(t *testing.T) {
	events := happened()
	r := room(events)
	if st := r.Stage(); st.Predictions != nil || st.Results != nil || st.Votes != nil || st.Right != nil || st.Seats != 1 {
		t.Errorf("%+v", st)
	}
	sealed := r.Sealed().Now()
	if e := sealed.Entry(grace); e.Prediction != nil || e.Answers != nil || !e.Predicted || e.Answered != 1 || sealed.Right != nil {
		t.Errorf("%+v, right %v", e, sealed.Right)
	}
	if r.Now().Entry(grace).Prediction == nil {
		t.Error("sealing changed the room itself")
	}
	before := r.Clone()
	r.Apply(&Event{Seq: 17, Kind: KindPredictions, Lesson: 1})
	r.Apply(&Event{Seq: 18, Kind: KindAnswers, Lesson: 1})
	st := r.Stage()
	if len(st.Predictions) != 2 || st.Predictions[0].Low != 1 || len(st.Results) != 1 || !reflect.DeepEqual(st.Votes, [][]int{{0, 1}}) || !reflect.DeepEqual(st.Right, []int{1}) {
		t.Errorf("%+v", st)
	}
	text, err := json.Marshal(st)
	if err != nil || strings.Contains(string(text), "Ada") || strings.Contains(string(text), ada) {
		t.Errorf("%s says who it was, %v", text, err)
	}
	if before.Now().PredictionsOpen {
		t.Error("a clone changed with the room")
	}
}

func TestLog(t *testing.T) {
	dir := t.TempDir()
	log, events, err := OpenLog(dir)
	if err != nil || len(events) != 0 {
		t.Fatal(events, err)
	}
	want := happened()
	for i := range want {
		e := want[i]
		if err := log.Append(&e); err != nil {
			t.Fatal(err)
		}
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, logName)
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(`{"seq":17,"kind":"result","re`); err != nil { // a kill in the middle of a line
		t.Fatal(err)
	}
	_ = f.Close()
	got, err := Replay(dir)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, %d events", err, len(got))
	}
	log, got, err = OpenLog(dir)
	if err != nil || len(got) != len(want) {
		t.Fatal(len(got), err)
	}
	if err := log.Append(&Event{Kind: KindEnd}); err != nil {
		t.Fatal(err)
	}
	_ = log.Close()
	if got, err = Replay(dir); err != nil || got[len(got)-1].Seq != 17 || got[len(got)-1].Kind != KindEnd {
		t.Errorf("%v, %+v", err, got[len(got)-1])
	}
	to := filepath.Join(t.TempDir(), "out")
	if _, err := Export(to, got); err != nil {
		t.Fatal(err)
	}
	if again, err := Replay(to); err != nil || !reflect.DeepEqual(again, got) {
		t.Errorf("exported and read again: %v", err)
	}
	for name, text := range map[string]string{
		"no class":   `{"seq":1,"kind":"end"}` + "\n",
		"a gap":      `{"seq":1,"kind":"class","class":{"benchtop":1,"id":"c"}}` + "\n" + `{"seq":3,"kind":"end"}` + "\n",
		"an escape":  `{"seq":1,"kind":"class","class":{"benchtop":1,"id":"\u001b["}}` + "\n",
		"no JSON":    "x\n",
		"empty":      "",
		"of a later": `{"seq":1,"kind":"class","class":{"benchtop":9,"id":"c"}}` + "\n",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Replay(dir); err == nil {
			t.Errorf("%s is a class", name)
		}
	}
	if _, err := Replay(t.TempDir()); err == nil || !strings.Contains(err.Error(), "holds no class") {
		t.Error(err)
	}
}

func TestWordsOfTheTrainer(t *testing.T) {
	for name, text := range map[string]string{
		"unknown key":  `{"benchtop":1,"start":true}`,
		"two":          `{"benchtop":1}{}`,
		"version":      `{"benchtop":2}`,
		"lesson 0":     `{"benchtop":1,"lesson":{"number":0,"id":"x"}}`,
		"an escape":    `{"benchtop":1,"lesson":{"number":1,"id":"x","title":"\u001b[2J"}}`,
		"a wild stage": `{"benchtop":1,"stage":{"number":1,"predictions":[{"low":-1,"high":2}]}}`,
	} {
		if _, err := Hear([]byte(text)); err == nil {
			t.Errorf("%s is heard", name)
		}
	}
	if _, err := Hear([]byte(`{"benchtop":1,"confirmed":["` + id + `"]}`)); err != nil {
		t.Error(err)
	}
}

func TestBatches(t *testing.T) {
	b := &Batch{Run: "abc", First: 3, Events: [][]byte{[]byte(`{"seq":3}`), []byte(`{"seq":4}`)}}
	data, err := b.Pack()
	if err != nil {
		t.Fatal(err)
	}
	got, err := Unpack(data)
	if err != nil || !reflect.DeepEqual(got, b) {
		t.Errorf("%v, %+v", err, got)
	}
	bomb := &Batch{Run: "abc", First: 1, Events: [][]byte{make([]byte, 2*maxUnpack)}}
	if data, err = bomb.Pack(); err != nil {
		t.Fatal(err)
	}
	for _, wrong := range [][]byte{data, nil, []byte("hello"), data[:len(data)/2]} {
		if _, err := Unpack(wrong); err == nil {
			t.Errorf("%d bytes are unpacked", len(wrong))
		}
	}
}

// A prediction after the opening is kept, takes no part, and is no prediction of those that are shown.
func TestAPredictionAfterTheOpening(t *testing.T) {
	r := room(happened())
	r.Apply(&Event{Kind: KindHello, Seat: "00000000000000ee", Name: "Eve", Hello: &Hello{Name: "Eve"}})
	r.Apply(&Event{Kind: KindPredictions, Lesson: 1})
	r.Apply(&Event{Kind: KindPrediction, Seat: "00000000000000ee", Lesson: 1, Prediction: &Prediction{Winner: "b", Low: 3, High: 3.1}})
	r.Apply(&Event{Kind: KindPrediction, Seat: ada, Lesson: 1, Prediction: &Prediction{Winner: "b", Low: 3, High: 3.1}})
	if e := r.Now().Entry("00000000000000ee"); !e.Late || e.InTime() || e.Prediction == nil {
		t.Errorf("%+v", e)
	}
	if e := r.Now().Entry(ada); e.Late || e.Prediction.Low != 1 {
		t.Errorf("a second prediction changed the first: %+v", e)
	}
	if st := r.Stage(); len(st.Predictions) != 2 {
		t.Errorf("shown are %+v", st.Predictions)
	}
}

// A lesson counts who is here and who has left with something delivered, and never who looks on.
func TestWhoCounts(t *testing.T) {
	r := room(happened()) // Ada has predicted and left
	r.Apply(&Event{Kind: KindHello, Seat: "00000000000000ee", Name: "Eve", Hello: &Hello{Name: "Eve"}})
	r.Apply(&Event{Kind: KindAway, Seat: "00000000000000ee"})
	r.Apply(&Event{Kind: KindHello, Seat: "00000000000000ff", Name: "Beamer", Hello: &Hello{Name: "Beamer", Watch: true}})
	if got := r.Counted(r.Now()); len(got) != 2 || got[0].ID != ada || got[1].ID != grace {
		t.Errorf("%+v", got)
	}
	if st := r.Stage(); st.Seats != 1 || st.Counted != 2 {
		t.Errorf("%+v", st)
	}
	if got := r.Counted(nil); len(got) != 1 {
		t.Errorf("before a lesson: %+v", got)
	}
}

// An export replaces none but the one of its own class.
func TestAnExportBesideAnother(t *testing.T) {
	dir, events := t.TempDir(), happened()
	for range 2 {
		if got, err := Export(dir, events); err != nil || got != dir {
			t.Fatal(got, err)
		}
	}
	other := happened()
	other[0].Class = &Opening{Benchtop: Version, ID: "another"}
	own, err := Export(dir, other)
	if err != nil || filepath.Dir(own) != dir {
		t.Fatal(own, err)
	}
	for folder, id := range map[string]string{dir: "c", own: "another"} {
		if back, err := Replay(folder); err != nil || room(back).Class != id {
			t.Errorf("%s: %v", folder, err)
		}
	}
}

// What disturbed a seat leads, so that it is seen where room is short.
func TestWhatDisturbedASeat(t *testing.T) {
	r := &lab.Result{Blocks: 4, Disturbed: 4, DisturbedBy: "other programs used 189 to 196 % of a core"}
	if got, want := ResultOf(r, &Lesson{}).Disturbed, "other programs used 189 to 196 % of a core; 4 of 4 blocks, and no repeat left"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	r.DisturbedBy = ""
	if got, want := ResultOf(r, &Lesson{}).Disturbed, "4 of 4 blocks, and no repeat left"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
