package expect

import (
	"fmt"
	"slices"
	"strings"

	"benchtop/lab/stats"
	"benchtop/targets/spelling"
)

// Case is what a conclusion holds for: an expectation, or the verdict on a variant.
//
//	case = expr | verdict(variant) == word
type Case struct {
	Expr    *Expr         // nil: it is about a verdict
	Variant string        // whose verdict on the primary metric, against the baseline
	Offset  int           // byte at which the variant's id begins
	Verdict stats.Verdict // that the variant must have
}

// verdict is the word that begins a case about a verdict.
const verdict = "verdict"

// verdicts are those that something follows from.
var verdicts = []string{string(stats.Higher), string(stats.Lower), string(stats.NoDifference), string(stats.Inconclusive)}

// ParseCase reads one case. The error is a *SyntaxError.
func ParseCase(src string) (*Case, error) {
	p := &parser{scan: scanner{src: src}}
	p.advance()
	if word := p.tok.text; word != verdict {
		if len(src) <= longest && spelling.Suggest(word, []string{verdict}) != "" {
			err := p.fail("there is no %q", word)
			err.Suggest = verdict
			return nil, err
		}
		e, err := Parse(src)
		if err != nil {
			return nil, err
		}
		return &Case{Expr: e}, nil
	}
	c, err := p.verdict()
	if err != nil {
		return nil, err
	}
	return c, nil
}

func (p *parser) verdict() (*Case, *SyntaxError) {
	p.advance()
	id, err := p.variant(verdict)
	if err != nil {
		return nil, err
	}
	if p.tok.text != "==" {
		err := p.fail("a verdict is one word: verdict(%s) == %s", id.text, stats.Higher)
		if p.tok.text == "=" {
			err.Suggest = "=="
		}
		return nil, err
	}
	p.advance()
	word := p.tok
	if !slices.Contains(verdicts, word.text) {
		err := p.fail("there is no verdict %q; there are %s", word.text, strings.Join(verdicts, ", "))
		err.Suggest = spelling.Suggest(word.text, verdicts)
		return nil, err
	}
	p.advance()
	if p.tok.kind != end {
		return nil, p.fail("%q after the verdict; each condition is an item of its own", p.tok.text)
	}
	return &Case{Variant: id.text, Offset: id.offset, Verdict: stats.Verdict(word.text)}, nil
}

// variant reads the id of a variant in parentheses behind a name.
func (p *parser) variant(name string) (token, *SyntaxError) {
	if p.tok.text != "(" {
		offset := p.lastEnd() - len(name)
		return token{}, &SyntaxError{Offset: offset, Length: len(name), Msg: fmt.Sprintf("%s of which variant? write %s(ID)", name, name)}
	}
	id := p.scan.variant()
	p.advance()
	if p.tok.text != ")" {
		return token{}, p.fail("the parenthesis after %s is not closed", name)
	}
	if err := checkID(name, id); err != nil {
		return token{}, err
	}
	p.advance()
	return id, nil
}
