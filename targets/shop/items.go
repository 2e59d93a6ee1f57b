package shop

import (
	"fmt"
	"net/http"

	"github.com/jackc/pgx/v5"

	"benchtop/targets/endpoint"
)

// Statements of what has to do with items.
const (
	oneItem     = "SELECT id, name, price FROM items WHERE id = $1"
	itemsByAny  = "SELECT id, name, price FROM items WHERE id = ANY($1) ORDER BY id"
	itemVersion = "SELECT version FROM items WHERE id = $1"
	takeItem    = "UPDATE items SET stock = stock - 1, version = version + 1 WHERE id = $1 RETURNING stock"
	updateItem  = "UPDATE items SET version = version + 1 WHERE id = $1 RETURNING version"
	waitThere   = "SELECT pg_sleep($1)"
)

type item struct {
	ID    int64  `json:"id"`
	Name  string `json:"name"`
	Price int64  `json:"price"`
}

func (s *Shop) items(x *endpoint.Exchange) {
	ids := make([]int64, x.Int("n"))
	for i := range ids {
		ids[i] = x.Int("from") + int64(i)
	}
	list := make([]item, 0, len(ids))
	scan := func(rows pgx.Rows) error {
		var i item
		err := rows.Scan(&i.ID, &i.Name, &i.Price)
		list = append(list, i)
		return err
	}
	if s.session(x, func(c *session) error {
		switch x.Text("how") {
		case "any":
			return c.read(itemsByAny, scan, ids)
		case "batch":
			return c.batch(oneItem, scan, ids)
		}
		for _, id := range ids {
			if err := c.read(oneItem, scan, id); err != nil {
				return err
			}
		}
		return nil
	}) {
		send(x, list)
	}
}

func (s *Shop) slow(x *endpoint.Exchange) {
	d := x.Duration("for")
	if s.session(x, func(c *session) error {
		return c.read(waitThere, func(pgx.Rows) error { return nil }, d.Seconds())
	}) {
		x.SendScratch(endpoint.PlainText, fmt.Appendf(x.Scratch(), "waited %v\n", d))
	}
}

func (s *Shop) order(x *endpoint.Exchange) {
	id := x.Int("item")
	if s.session(x, func(c *session) error {
		return c.transaction(func() error {
			_, err := c.changed(takeItem, id)
			return err
		})
	}) {
		x.SendScratch(endpoint.JSONText, fmt.Appendf(x.Scratch(), `{"item":%d}`, id))
	}
}

// update changes an item, and then does with its cached response as the settings say: another request may see the old one
// in between, or put it back.
func (s *Shop) update(x *endpoint.Exchange) {
	id := x.Int("id")
	if !s.session(x, func(c *session) error {
		_, err := c.changed(updateItem, id)
		return err
	}) {
		return
	}
	s.cache.outdated(x, id)
	x.SendScratch(endpoint.JSONText, fmt.Appendf(x.Scratch(), `{"id":%d}`, id))
}

// changed carries a statement out that gives a number of the item that it changes.
func (c *session) changed(sql string, id int64) (n int64, err error) {
	found, err := c.one(sql, []any{&n}, id)
	if err == nil && !found {
		err = &refused{http.StatusNotFound, fmt.Sprintf("no item %d", id)}
	}
	return n, err
}
