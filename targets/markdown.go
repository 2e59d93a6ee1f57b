package targets

import (
	"slices"
	"strings"

	"benchtop/targets/setting"
)

// Markdown is the table of the settings of every registered kind for a README: where several kinds declare one alike, it
// stands once.
func Markdown() string {
	var t settingsTable
	for _, d := range All() {
		t.add("", d.Name, d.Settings)
	}
	for _, d := range Proxies() {
		t.add("proxy.", d.Name, d.Settings)
	}
	t.add("", "every target", AroundSettings())
	for _, d := range Services() {
		t.add("services."+d.Name+".", d.Name, d.Settings)
	}
	var b strings.Builder
	b.WriteString("| setting | of | values | default | what it is |\n| --- | --- | --- | --- | --- |\n")
	for _, row := range t {
		b.WriteString("| `" + row.key + "` | " + strings.Join(row.kinds, ", ") + " | " + row.rest + " |\n")
	}
	return strings.ReplaceAll(b.String(), "|  |", "| |")
}

// settingsTable are the rows in the order in which they came; those with the same key stand together.
type settingsTable []settingRow

type settingRow struct {
	key, rest string
	kinds     []string
}

func (t *settingsTable) add(prefix, kind string, rows []setting.Setting) {
	for i := range rows {
		s := &rows[i]
		if len(s.Rows) > 0 {
			t.add(prefix+s.Key+".", kind, s.Rows)
			continue
		}
		values := s.Allowed()
		if values == "" {
			values = string(s.Form())
		}
		standard := s.Default
		if s.Varies {
			standard = "the system's"
		}
		row := settingRow{prefix + s.Key, strings.Join([]string{values, standard, strings.ReplaceAll(s.Doc, "|", `\|`)}, " | "), []string{kind}}
		at := len(*t)
		for i, have := range *t {
			if have.key == row.key {
				at = i + 1
				if have.rest == row.rest {
					(*t)[i].kinds = append((*t)[i].kinds, kind)
					at = -1
					break
				}
			}
		}
		if at >= 0 {
			*t = slices.Insert(*t, at, row)
		}
	}
}
