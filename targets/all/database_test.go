package all

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"benchtop/targets"
	"benchtop/targets/database"
	"benchtop/targets/shop/schema"
)

// The database serves in a process of its own, and what it counts comes with its marks: eleven queries are eleven round trips.
func TestDatabaseOfATarget(t *testing.T) {
	settings := &database.Settings{Rows: 50, Slots: 2}
	tg := started(t, targets.Spec{Server: "builtin", Services: map[string]targets.Part{"database": {Kind: database.Name, Settings: settings}}})
	c, err := pgx.Connect(t.Context(), "postgres://"+schema.User+"@"+tg.Spec().Addresses["database"]+"/"+schema.Database+"?default_query_exec_mode=exec")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close(t.Context()) }()
	for id := range 11 {
		var name string
		if err := c.QueryRow(t.Context(), "SELECT name FROM items WHERE id = $1", id+1).Scan(&name); err != nil {
			t.Fatal(err)
		}
	}
	statuses, err := tg.Mark(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range statuses {
		if s.Role == database.Role {
			if s.Counters["round_trips"] != 11 || s.Counters["statements"] != 11 || s.Counters["connections"] != 1 || s.Levels["connections_open"] != 1 {
				t.Errorf("%+v", s)
			}
			return
		}
	}
	t.Errorf("no status of the database: %+v", statuses)
}
