package requests

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"

	"benchtop/lab/load"
	"benchtop/lab/regular"
)

// maxKeysFile is the largest file of keys that is read, in bytes.
const maxKeysFile = 8 << 20

// Columns are the keys of a load: for each row its values, by column.
type Columns struct {
	Names []string
	Rows  [][]string
	Hash  string // SHA-256 of the file that they are from, hex; empty: they are counted
}

// ReadKeys gives the rows of the keys; without keys it is one row of nothing. The error is a *load.TaskError, which names the
// place in the file.
func ReadKeys(k *load.Keys) (*Columns, error) {
	switch {
	case k == nil:
		return &Columns{Rows: [][]string{nil}}, nil
	case k.From != "":
		return readFile(k)
	}
	c := &Columns{Names: []string{load.KeyColumn}, Rows: make([][]string, k.Count)}
	flat := make([]string, k.Count)
	for i := range c.Rows {
		flat[i] = strconv.Itoa(i + 1)
		c.Rows[i] = flat[i : i+1]
	}
	return c, nil
}

func refuse(field, format string, args ...any) error {
	return &load.TaskError{Field: field, Msg: fmt.Sprintf(format, args...)}
}

func refuseFile(path, format string, args ...any) error {
	return refuse("keys.from", "%s: %s", path, fmt.Sprintf(format, args...))
}

func readFile(k *load.Keys) (*Columns, error) {
	text, err := readBounded(k.From)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	c := &Columns{Hash: hex.EncodeToString(sum[:])}
	if k.Hash != "" && k.Hash != c.Hash {
		return nil, refuseFile(k.From, "it has changed since it was checked; start again")
	}
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff"))))
	if c.Names, err = r.Read(); errors.Is(err, io.EOF) {
		return nil, refuseFile(k.From, "it is empty; the first line names the columns, each further one is a row of values")
	}
	for ; err == nil; err = nil {
		var row []string
		if row, err = r.Read(); err != nil {
			break
		}
		for i, v := range row {
			if strings.ContainsFunc(v, func(r rune) bool { return r < ' ' || r == 0x7f }) {
				line, column := r.FieldPos(i)
				return nil, refuseFile(k.From, "line %d, column %d: %.40q has a control character", line, column, v)
			}
		}
		if c.Rows = append(c.Rows, row); len(c.Rows) > load.MaxKeys {
			return nil, refuseFile(k.From, "it has more than %d rows; take a sample of it", load.MaxKeys)
		}
	}
	var syntax *csv.ParseError
	if errors.As(err, &syntax) {
		return nil, refuseFile(k.From, "line %d, column %d: %v", syntax.Line, syntax.Column, syntax.Err)
	}
	if err := checkNames(k.From, c.Names); err != nil {
		return nil, err
	}
	if len(c.Rows) == 0 {
		return nil, refuseFile(k.From, "it has no row below its first line, which names the columns")
	}
	return c, nil
}

// readBounded reads a regular file that is not too large.
func readBounded(path string) ([]byte, error) {
	f, err := regular.Open(path)
	if errors.Is(err, regular.ErrNotRegular) {
		return nil, refuse("keys.from", "%v", err)
	}
	if err != nil {
		var p *os.PathError
		if errors.As(err, &p) {
			err = p.Err
		}
		return nil, refuseFile(path, "%v", err)
	}
	defer func() { _ = f.Close() }() // nothing was written
	text, err := io.ReadAll(io.LimitReader(f, maxKeysFile+1))
	switch {
	case err != nil:
		return nil, refuseFile(path, "%v", err)
	case len(text) > maxKeysFile:
		return nil, refuseFile(path, "it has more bytes than are read; allowed: at most %d. Take a sample of it", maxKeysFile)
	}
	return text, nil
}

// checkNames reports what is wrong with the names of the columns.
func checkNames(path string, names []string) error {
	if len(names) > load.MaxColumns {
		return refuseFile(path, "it has %d columns; allowed: at most %d", len(names), load.MaxColumns)
	}
	seen := map[string]bool{}
	for i, name := range names {
		word := func(r rune) bool {
			return r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		}
		if name == "" || len(name) > 40 || strings.ContainsFunc(name, func(r rune) bool { return !word(r) }) {
			return refuseFile(path, "line 1: column %d is called %.40q; allowed: letters, digits and _, at most 40", i+1, name)
		}
		if seen[name] {
			return refuseFile(path, "line 1: column %q is there twice", name)
		}
		seen[name] = true
	}
	return nil
}

// zipf gives the weights of n rows: row i, from 1 on, has 1/i^s.
func zipf(n int, s float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = math.Pow(float64(i+1), -s)
	}
	return out
}
