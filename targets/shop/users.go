package shop

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/jackc/pgx/v5"

	"benchtop/targets/endpoint"
)

// Statements of what has to do with users. Both PostgreSQL and the embedded database know them.
const (
	oneUser     = "SELECT id, name, country FROM users WHERE id = $1"
	firstUsers  = "SELECT id, name FROM users ORDER BY id LIMIT $1"
	postsOfUser = "SELECT title FROM posts WHERE user_id = $1 ORDER BY id"
	postsOfAll  = "SELECT user_id, title FROM posts WHERE user_id = ANY($1) ORDER BY id"
	usersJoined = "SELECT u.id, u.name, p.title FROM users u LEFT JOIN posts p ON p.user_id = u.id WHERE u.id <= $1 ORDER BY u.id, p.id"
	busiest     = "SELECT user_id, count(*), sum(length(body)) FROM posts GROUP BY user_id ORDER BY 2 DESC, 1 LIMIT 10"
)

type user struct {
	ID      int64  `json:"id"`
	Name    string `json:"name"`
	Country string `json:"country"`
}

type author struct {
	ID    int64    `json:"id"`
	Name  string   `json:"name"`
	Posts []string `json:"posts"`
}

func (s *Shop) user(x *endpoint.Exchange) {
	var found user
	if s.session(x, func(c *session) (err error) {
		found, err = c.user(x.Int("id"))
		return err
	}) {
		send(x, &found)
	}
}

func (c *session) user(id int64) (user, error) {
	var u user
	found, err := c.one(oneUser, []any{&u.ID, &u.Name, &u.Country}, id)
	if err == nil && !found {
		err = &refused{http.StatusNotFound, fmt.Sprintf("no user %d", id)}
	}
	return u, err
}

func (s *Shop) users(x *endpoint.Exchange) {
	var list []author
	if s.session(x, func(c *session) (err error) {
		switch n := x.Int("n"); x.Text("how") {
		case "join":
			list, err = c.authorsJoined(n)
		case "any":
			list, err = c.authorsByAny(n)
		default:
			list, err = c.authorsOneByOne(n)
		}
		return err
	}) {
		send(x, list)
	}
}

// authors are the first users, without posts.
func (c *session) authors(n int64) ([]author, error) {
	list := make([]author, 0, n)
	err := c.read(firstUsers, func(rows pgx.Rows) error {
		a := author{Posts: []string{}}
		err := rows.Scan(&a.ID, &a.Name)
		list = append(list, a)
		return err
	}, n)
	return list, err
}

// authorsOneByOne makes a query for the users, and one more for each of them.
func (c *session) authorsOneByOne(n int64) ([]author, error) {
	list, err := c.authors(n)
	for i := 0; i < len(list) && err == nil; i++ {
		a := &list[i]
		err = c.read(postsOfUser, func(rows pgx.Rows) error {
			var title string
			err := rows.Scan(&title)
			a.Posts = append(a.Posts, title)
			return err
		}, a.ID)
	}
	return list, err
}

// authorsByAny makes two queries: for the users, and for the posts of all of them.
func (c *session) authorsByAny(n int64) ([]author, error) {
	list, err := c.authors(n)
	if err != nil {
		return nil, err
	}
	ids, at := make([]int64, len(list)), make(map[int64]*author, len(list))
	for i := range list {
		ids[i], at[list[i].ID] = list[i].ID, &list[i]
	}
	err = c.read(postsOfAll, func(rows pgx.Rows) error {
		var of int64
		var title string
		err := rows.Scan(&of, &title)
		if a := at[of]; a != nil {
			a.Posts = append(a.Posts, title)
		}
		return err
	}, ids)
	return list, err
}

// authorsJoined makes one query, whose rows repeat the user for each post.
func (c *session) authorsJoined(n int64) ([]author, error) {
	list := make([]author, 0, n)
	err := c.read(usersJoined, func(rows pgx.Rows) error {
		var a author
		var title *string // null: a user without posts
		err := rows.Scan(&a.ID, &a.Name, &title)
		if len(list) == 0 || list[len(list)-1].ID != a.ID {
			a.Posts = []string{}
			list = append(list, a)
		}
		if last := &list[len(list)-1]; title != nil {
			last.Posts = append(last.Posts, *title)
		}
		return err
	}, n)
	return list, err
}

func (s *Shop) report(x *endpoint.Exchange) {
	type line struct {
		User  int64 `json:"user"`
		Posts int64 `json:"posts"`
		Bytes int64 `json:"bytes"`
	}
	list := []line{}
	if s.session(x, func(c *session) error {
		return c.read(busiest, func(rows pgx.Rows) error {
			var l line
			err := rows.Scan(&l.User, &l.Posts, &l.Bytes)
			list = append(list, l)
			return err
		})
	}) {
		send(x, list)
	}
}

// broken fails at every so many requests of the worker, with a connection in its hands.
func (s *Shop) broken(x *endpoint.Exchange) {
	var found user
	if s.session(x, func(c *session) (err error) {
		fails := s.asked.Add(1)%x.Int("every") == 0
		found, err = c.user(1)
		if err == nil && fails {
			c.leaks = s.db.settings.Leak
			err = &refused{int(x.Int("status")), "failed as asked"}
		}
		return err
	}) {
		send(x, &found)
	}
}

// send responds with a value as JSON.
func send(x *endpoint.Exchange, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		x.Fail(http.StatusInternalServerError, "encoding the response: "+err.Error())
		return
	}
	x.Send(endpoint.JSONText, body)
}
