package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"benchtop/lab/outfile"
)

// What - means as an input and as an output.
const (
	stdinPath  = "-"
	stdoutPath = "-"
)

// checkOutput makes sure, before anything starts, that an output can be written when the run is over.
func checkOutput(flag, path string) error {
	if path == "" || path == stdoutPath {
		return nil
	}
	if err := outfile.Check(path); err != nil {
		return usage("%s %s: %w", flag, path, err)
	}
	return nil
}

// writeOutput writes what fill produces: to standard output for "-", else to the file.
func writeOutput(env *Env, path string, fill func(io.Writer) error) error {
	var b bytes.Buffer
	if err := fill(&b); err != nil {
		return err
	}
	if path == stdoutPath {
		_, err := env.Stdout.Write(b.Bytes())
		return err
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		env.letGo() // a pipe may wait for its reader for ever
	}
	return writeFile(path, b.Bytes())
}

// shared is the mode of a new file that the person asked for, less the umask.
const shared = 0o666

func writeFile(path string, content []byte) error { return outfile.Write(path, content, shared) }

// writeJSON writes a value as indented JSON; objectives keep their < as they are.
func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("writing the result as JSON: %w", err)
	}
	return nil
}
