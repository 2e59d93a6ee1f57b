package targets_test

import (
	"encoding/json"
	"testing"

	"benchtop/targets"
	"benchtop/targets/setting"
)

// Settings that a kind of proxy alone has stand among the others in JSON, have defaults, and are changed in copies only.
func TestSettingsOfOneKindOfProxy(t *testing.T) {
	type cache struct {
		Pages int    `json:"pages,omitempty"`
		Store string `json:"store,omitempty"`
	}
	kind := targets.ProxyDescriptor{
		Name: "cache", New: func() any { return &cache{} },
		Settings: append(targets.FrontSettings(),
			setting.Setting{Key: "pages", Default: "8", Max: 100, At: targets.OfProxy(func(c *cache) *int { return &c.Pages })},
			setting.Setting{Key: "store", Default: "disk", At: targets.OfProxy(func(c *cache) *string { return &c.Store })}),
	}
	t.Cleanup(targets.RegisterProxy(kind))
	text := `{"kind":"cache","keepalive":2,"upstreams":3,"workers":1,"pages":101}`
	var read targets.Proxy
	if err := json.Unmarshal([]byte(text), &read); err != nil {
		t.Fatal(err)
	}
	full := kind.Normalize(read)
	if own := *targets.OwnOfProxy[cache](&full); own != (cache{Pages: 101, Store: "disk"}) {
		t.Errorf("with the defaults it has %+v", own)
	}
	if faults := kind.Validate(full); len(faults) != 1 || faults[0].Error() != "pages: 101 is not allowed, want 0 to 100" {
		t.Errorf("faults %v", faults)
	}
	for p, want := range map[*targets.Proxy]string{
		&read: text,
		&full: `{"kind":"cache","keepalive":2,"upstream":"unix","upstreams":3,"uneven":1,"workers":1,"pages":101,"store":"disk"}`,
	} {
		if got, err := json.Marshal(p); err != nil || string(got) != want {
			t.Errorf("written as %s, %v\nwant       %s", got, err, want)
		}
	}
}
