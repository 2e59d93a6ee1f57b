package python

import (
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"benchtop/targets"
	"benchtop/targets/endpoint"
	"benchtop/targets/payload"
	"benchtop/targets/runfolder"
	"benchtop/targets/setting"
)

//go:embed app/*.py
var application embed.FS

// Names in the folder of a target.
const (
	appModule    = "app:app"
	tableFile    = "endpoints.json" // the endpoints with the bounds of their parameters, from the one table
	workerModule = "benchtop_worker"
	countsFolder = "counts"
	hooksFile    = "gunicorn.conf.py" // which gunicorn reads where it is started
)

// freezing takes all objects that the master has out of sight of the collector, which would write to each of them in each worker.
const freezing = "import gc\n\n\ndef pre_fork(server, worker):\n    gc.freeze()\n"

// newFolder makes the folder of one start: the application with its table of endpoints, the worker class of gunicorn, and a place for the counts.
func newFolder(s targets.Spec) (string, error) {
	run, err := runfolder.Path()
	if err != nil {
		return "", err
	}
	folder, err := os.MkdirTemp(run, "py")
	if err != nil {
		return "", fmt.Errorf("making a folder for the application: %w", err)
	}
	if err := fillFolder(folder, s); err != nil {
		_ = os.RemoveAll(folder) // what could not be written cannot be removed either; the run folder goes as a whole
		return "", fmt.Errorf("writing the application: %w", err)
	}
	return folder, nil
}

func fillFolder(folder string, s targets.Spec) error {
	files, err := application.ReadDir("app")
	if err != nil {
		return err
	}
	for _, f := range files {
		text, err := application.ReadFile("app/" + f.Name())
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, f.Name()), text, 0o600); err != nil {
			return err
		}
	}
	table, err := endpoint.JSON(s.Addresses, map[string]any{"settings": told(s), "named": namedOf(s), "metrics": metricsOf(s)}, twins...)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, tableFile), table, 0o600); err != nil {
		return err
	}
	if s.Server == Gunicorn && plainWorker(s) == "" {
		if err := os.WriteFile(filepath.Join(folder, workerModule+".py"), []byte(workerSource(s)), 0o600); err != nil {
			return err
		}
	}
	if own(&s).Preload == preloadFreeze {
		if err := os.WriteFile(filepath.Join(folder, hooksFile), []byte(freezing), 0o600); err != nil {
			return err
		}
	}
	return os.Mkdir(filepath.Join(folder, countsFolder), 0o700)
}

// told is what the application is told of its settings, by group: every key with its value, durations in nanoseconds.
func told(s targets.Spec) map[string]any {
	db, cache, client := own(&s).DB.Filled(), own(&s).Cache.Filled(), own(&s).Client.Filled()
	gzip, json, observed := own(&s).Gzip.Filled(), payload.JSON{Encoder: encoderOf(s)}, observed(s)
	rows, out := applicationSettings(), map[string]any{}
	for group, owner := range map[string]any{"db": &db, "cache": &cache, "client": &client, "gzip": &gzip, "json": &json, "telemetry": &observed} {
		values, rows := map[string]any{}, setting.Find(rows, group).Rows
		for i := range rows {
			values[rows[i].Key] = rows[i].Value(owner)
		}
		out[group] = values
	}
	return out
}

// workerSource is the module with the worker class that gunicorn's users write to choose the loop and the parser:
// gunicorn itself has no options for them.
func workerSource(s targets.Spec) string {
	options := []string{fmt.Sprintf("%q: %q", "loop", own(&s).Loop), fmt.Sprintf("%q: %q", "http", own(&s).HTTP)}
	if s.LimitConcurrency > 0 {
		options = append(options, fmt.Sprintf("%q: %d", "limit_concurrency", s.LimitConcurrency))
	}
	return "from uvicorn.workers import UvicornWorker\n\n\nclass Worker(UvicornWorker):\n    CONFIG_KWARGS = {" +
		strings.Join(options, ", ") + "}\n"
}
