package load

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"benchtop/targets/proc"
)

// MaxVariable is the length of the name of an environment variable, in bytes.
const MaxVariable = 100

// VariableProblem says why a text is not the name of an environment variable; empty if it is one. It does not repeat the text:
// somebody may have written the value in the place of the name.
func VariableProblem(name string) string {
	word := func(r rune) bool {
		return r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	}
	if name != "" && len(name) <= MaxVariable && (name[0] < '0' || name[0] > '9') && !strings.ContainsFunc(name, func(r rune) bool { return !word(r) }) {
		return ""
	}
	return "what stands there is not the name of an environment variable; allowed: letters, digits and _, at most " + strconv.Itoa(MaxVariable) +
		", such as API_TOKEN. The value itself belongs into the environment"
}

// checkHeaderEnv reports what is wrong with the headers from the environment, their values aside.
func (q *Request) checkHeaderEnv() error {
	seen := map[string]bool{}
	for _, kv := range q.Header {
		seen[strings.ToLower(kv[0])] = true
	}
	for _, kv := range q.HeaderEnv {
		lower := strings.ToLower(kv[0])
		why, own := OwnHeaders[lower]
		switch {
		case !IsToken(kv[0]):
			return refuse("request.header_env", "%q is not a header name", kv[0])
		case own:
			return refuse("request.header_env", "%s cannot be given: %s", kv[0], why)
		case isHost(kv[0]):
			return refuse("request.header_env", "Host cannot come from the environment, every result names it; write it as a header")
		case seen[lower]:
			return refuse("request.header_env", "%s is there twice; leave one of them out", kv[0])
		}
		seen[lower] = true
		if problem := VariableProblem(kv[1]); problem != "" {
			return refuse("request.header_env", "%s: %s", kv[0], problem)
		}
	}
	return nil
}

// ValueProblem says why a variable cannot be the value of a header, without the value; empty if it can. lookup is
// os.LookupEnv.
func ValueProblem(variable string, lookup func(string) (string, bool)) string {
	value, set := lookup(variable)
	switch {
	case !set:
		return "the variable " + variable + " is not set; " + howToSet(variable)
	case strings.TrimSpace(value) == "":
		return "the variable " + variable + " is empty; " + howToSet(variable)
	case strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }):
		return "the value of the variable " + variable + " holds a line break or another control character; a header is one line"
	}
	return ""
}

// howToSet keeps the value out of the shell's history.
func howToSet(variable string) string {
	return "in the shell that starts benchtop: read -rs " + variable + " && export " + variable
}

// Filled gives the task with the values of the variables that its requests name, and what hides them in texts. It is for
// the way to the generator alone: such a task is not kept. No child that is started later inherits the variables. lookup is
// os.LookupEnv. The error is a *TaskError; it has no value.
func (t Task) Filled(lookup func(string) (string, bool)) (Task, *Secrets, error) {
	s := &Secrets{names: map[string]bool{}, words: map[string]string{}}
	var err error
	if t.Request, err = t.Request.filled("request", lookup, s); err != nil {
		return t, nil, err
	}
	t.Mix = slices.Clone(t.Mix)
	for i := range t.Mix {
		if t.Mix[i].Request, err = t.Mix[i].filled("mix["+strconv.Itoa(i)+"]", lookup, s); err != nil {
			return t, nil, err
		}
	}
	proc.Withhold(slices.Collect(maps.Keys(s.names))...)
	return t, s, nil
}

func (q Request) filled(at string, lookup func(string) (string, bool), s *Secrets) (Request, error) {
	named := q.HeaderEnv
	q.Header, q.HeaderEnv = slices.Clone(q.Header), nil
	for _, kv := range named {
		if problem := ValueProblem(kv[1], lookup); problem != "" {
			return q, refuse(at+".header_env."+kv[0], "%s", problem)
		}
		value, _ := lookup(kv[1])
		s.add(kv[1], value)
		q.Header = append(q.Header, [2]string{kv[0], strings.TrimSpace(value)})
	}
	return q, nil
}

// Secrets hide values from the environment in texts that a server may have written them into. A nil one hides nothing.
type Secrets struct {
	names map[string]bool
	words map[string]string // what is hidden -> its variable
}

// Lengths from which on a part of a value is hidden, in bytes: shorter ones stand in any text by chance.
const (
	leastSecret = 4 // the whole value, and the beginning of one at the end of a text
	leastWord   = 8 // a word of it, such as what follows Bearer
)

func (s *Secrets) add(variable, value string) {
	s.names[variable] = true
	if value = strings.TrimSpace(value); len(value) >= leastSecret {
		s.words[value] = variable
	}
	for _, word := range strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(" \t;,=\"", r) }) {
		if len(word) >= leastWord {
			s.words[word] = variable
		}
	}
	for word, of := range maps.Clone(s.words) {
		if escaped := strconv.QuoteToASCII(word); escaped != `"`+word+`"` { // as Reason.Bytes has it
			s.words[escaped[1:len(escaped)-1]] = of
		}
	}
}

// Join adds the secrets of another task.
func (s *Secrets) Join(other *Secrets) *Secrets {
	if s == nil {
		return other
	}
	if other == nil {
		return s
	}
	maps.Copy(s.names, other.names)
	maps.Copy(s.words, other.words)
	return s
}

// Hide puts the name of its variable, in brackets, in the place of every value in a text, also of one that the text's end
// cuts.
func (s *Secrets) Hide(text string) string {
	if s == nil || len(s.words) == 0 || text == "" {
		return text
	}
	words := slices.SortedFunc(maps.Keys(s.words), func(a, b string) int { return len(b) - len(a) }) // the whole before its words
	for _, word := range words {
		text = strings.ReplaceAll(text, word, "["+s.words[word]+"]")
	}
	end := strings.TrimRight(text, ".\u2026")
	for _, word := range words {
		for n := min(len(word)-1, len(end)); n >= leastSecret; n-- {
			if strings.HasSuffix(end, word[:n]) {
				return end[:len(end)-n] + "[" + s.words[word] + "]" + text[len(end):]
			}
		}
	}
	return text
}

// HideIn hides the values in what a summary has of responses.
func (s *Secrets) HideIn(sum *Summary) {
	if s == nil || len(s.words) == 0 {
		return
	}
	for class, r := range sum.Reasons {
		sum.Reasons[class] = Reason{Text: s.Hide(r.Text), Bytes: s.Hide(r.Bytes)}
	}
	sum.Note, sum.WrongRun = s.Hide(sum.Note), s.Hide(sum.WrongRun)
}
