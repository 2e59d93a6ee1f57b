package requests

import (
	"strings"

	"benchtop/lab/load"
)

// First gives the entries of a task with the first row of its keys in the place of {NAME}: what a question before the
// start can ask. The error is a *load.TaskError.
func First(t *load.Task) ([]load.Entry, error) {
	columns, err := ReadKeys(t.Keys)
	if err != nil {
		return nil, err
	}
	return columns.First(t), nil
}

// First is First of the task whose keys these are.
func (columns *Columns) First(t *load.Task) []load.Entry {
	entries := t.Entries()
	var pairs []string
	for i, name := range columns.Names {
		pairs = append(pairs, "{"+name+"}", columns.Rows[0][i])
	}
	values := strings.NewReplacer(pairs...)
	out := make([]load.Entry, len(entries))
	for i, e := range entries {
		e.Path, e.Body = values.Replace(e.Path), []byte(values.Replace(string(e.Body)))
		header := make([][2]string, len(e.Header))
		for k, kv := range e.Header {
			header[k] = [2]string{kv[0], values.Replace(kv[1])}
		}
		e.Header = header
		out[i] = e
	}
	return out
}
