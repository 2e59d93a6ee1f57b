package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
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
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return usage("%s %s is a folder; name a file", flag, path)
	case err == nil:
		return nil
	case !errors.Is(err, fs.ErrNotExist):
		return usage("%s: %v", flag, err)
	}
	dir := filepath.Dir(path)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return usage("%s %s: the folder %s does not exist; make it first", flag, path, dir)
	}
	return nil
}

// writeOutput writes what fill produces: to standard output for "-"; into an existing path that is no regular file
// (a device, a pipe) without replacing it; else to a temporary file beside the target, synced and renamed, with a
// symbolic link resolved first.
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

func writeFile(path string, content []byte) error {
	if resolved, err := filepath.EvalSymlinks(path); err == nil {
		path = resolved
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return writeDevice(path, content)
	}
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	_, err = temp.Write(content)
	err = errors.Join(err, temp.Chmod(0o644), temp.Sync(), temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(temp.Name()) // the first error is what the person must know
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}

func writeDevice(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}

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
