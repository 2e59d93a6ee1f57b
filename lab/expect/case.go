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
	id, _, err := p.variant(verdict, false)
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

// variant reads the id of a variant in parentheses behind a name. Behind it may stand a point and one of its services,
// where the name is that of something that services have.
func (p *parser) variant(name string, services bool) (id, service token, err *SyntaxError) {
	if p.tok.text != "(" {
		offset := p.lastEnd() - len(name)
		return id, service, &SyntaxError{Offset: offset, Length: len(name), Msg: fmt.Sprintf("%s of which variant? write %s(ID)", name, name)}
	}
	id = p.scan.id(services)
	p.advance()
	named := p.tok.text == "."
	if named {
		service = p.scan.id(true)
		p.advance()
	}
	if p.tok.text != ")" {
		return id, service, p.fail("the parenthesis after %s is not closed", name)
	}
	if err := checkID(name, "variant", "(ID)", id); err != nil {
		return id, service, err
	}
	if named {
		if err := checkID(name, "service", "(ID.SERVICE)", service); err != nil {
			return id, service, err
		}
	}
	p.advance()
	return id, service, nil
}
