package payload

import (
	"encoding/json"
	"net/http"
	"strconv"
	"sync"

	"benchtop/targets/endpoint"
)

// encoders are the words of json.encoder that encode for each request.
var encoders = map[string]func([]item) ([]byte, error){
	Std:       func(list []item) ([]byte, error) { return json.Marshal(list) },
	Generated: func(list []item) ([]byte, error) { return appendList(make([]byte, 0, perItem*len(list)), list), nil },
}

// encoder encodes the lists of /json.
type encoder struct {
	encode func([]item) ([]byte, error) // nil: what was encoded once is kept

	mu   sync.Mutex
	kept map[int][]byte // by its length
}

// perItem is more than an item takes, in bytes.
const perItem = 100

// mostKept is how many lists are kept.
const mostKept = 16

// item is one element of the list.
type item struct {
	ID    int      `json:"id"`
	Name  string   `json:"name"`
	Price float64  `json:"price"`
	Stock bool     `json:"in_stock"`
	Tags  []string `json:"tags"`
}

var itemTags = []string{"sample", "benchtop"}

func listOf(n int) []item {
	list := make([]item, n)
	for i := range list {
		list[i] = item{ID: i, Name: "item " + strconv.Itoa(i), Price: float64(i) * 1.25, Stock: i%3 != 0, Tags: itemTags}
	}
	return list
}

// list responds with a list.
func (p *Payload) list(x *endpoint.Exchange) {
	body, err := p.json.list(int(x.Int("items")))
	if err != nil {
		x.Fail(http.StatusInternalServerError, "encoding the list: "+err.Error())
		return
	}
	x.Send(endpoint.JSONText, body)
}

func (e *encoder) list(n int) ([]byte, error) {
	if e.encode != nil {
		return e.encode(listOf(n))
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if body, ok := e.kept[n]; ok {
		return body, nil
	}
	body, err := json.Marshal(listOf(n))
	if e.kept == nil || len(e.kept) == mostKept {
		e.kept = map[int][]byte{}
	}
	e.kept[n] = body
	return body, err
}

// appendList appends a list as JSON, byte for byte as encoding/json writes it, in the way of generated code: each field is
// written by a line of its own.
func appendList(b []byte, list []item) []byte {
	b = append(b, '[')
	for i := range list {
		it := &list[i]
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(append(b, `{"id":`...), int64(it.ID), 10)
		b = appendText(append(b, `,"name":`...), it.Name)
		b = strconv.AppendFloat(append(b, `,"price":`...), it.Price, 'f', -1, 64)
		b = strconv.AppendBool(append(b, `,"in_stock":`...), it.Stock)
		b = append(b, `,"tags":[`...)
		for k, tag := range it.Tags {
			if k > 0 {
				b = append(b, ',')
			}
			b = appendText(b, tag)
		}
		b = append(b, "]}"...)
	}
	return append(b, ']')
}

// appendText appends a text in quotes. One with characters that need an escape is left to encoding/json.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			quoted, _ := json.Marshal(s) // a text can be encoded
			return append(b, quoted...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}
