package endpoint

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"sync"
)

// FilePath is the path of the endpoint whose response is a file.
const FilePath = "/file"

// Files are the names of those that the endpoint sends, which say how long they are; the first one by default.
var Files = []string{"20kB", "200kB", "2MB"}

var fromFile = &Endpoint{
	Path: FilePath, Doc: "a file, which is read for each response", Handle: sendFile,
	Params:  []Param{{Name: "size", Doc: "which", Type: Word, Words: Files}},
	Samples: []string{"size=20kB", "size=200kB"},
}

// Contents is what stands in a file, the same for all who have a copy: the alphabet over and over.
func Contents(name string) []byte {
	length, _ := parseSize(name) // of Files
	b := make([]byte, length)
	for i := range b {
		b[i] = 'a' + byte(i%26)
	}
	return b
}

// opened gives a file of this process, which has no name any more: nothing of it is left when the process ends.
var opened = func() map[string]func() (*os.File, error) {
	byName := map[string]func() (*os.File, error){}
	for _, name := range Files {
		byName[name] = sync.OnceValues(func() (*os.File, error) { return write(Contents(name)) })
	}
	return byName
}()

func write(contents []byte) (*os.File, error) {
	file, err := os.CreateTemp("", "benchtop-file")
	if err != nil {
		return nil, fmt.Errorf("making a file to send: %w", err)
	}
	_, err = file.Write(contents)
	if err = errors.Join(err, os.Remove(file.Name())); err != nil {
		return nil, errors.Join(fmt.Errorf("writing a file to send: %w", err), file.Close())
	}
	return file, nil
}

func sendFile(x *Exchange) {
	name := x.Text("size")
	length, _ := parseSize(name)
	body := slices.Grow(x.Scratch(), int(length))[:length]
	file, err := opened[name]()
	if err == nil {
		_, err = file.ReadAt(body, 0)
	}
	if err != nil {
		x.Fail(http.StatusInternalServerError, err.Error())
		return
	}
	x.SendScratch(Octets, body)
}
