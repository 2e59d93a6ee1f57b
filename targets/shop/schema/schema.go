// Package schema says what the tables of the shop hold, in SQL that SQLite and PostgreSQL both understand. Every database that is
// started for a run is filled with it, so that the same questions have the same responses.
package schema

import "strconv"

// Names of the database and of its user, who needs no password.
const (
	User     = "bench"
	Database = "shop"
)

// Bounds of the rows that are asked for.
const (
	LeastRows   = 10
	DefaultRows = 1000
	MostRows    = 1_000_000
)

// Stock is how many there are of each item at the start.
const Stock = 1_000_000

// Users is how many users there are with so many posts and items.
func Users(rows int) int { return max(LeastRows, rows/10) }

// Create makes the tables.
func Create() []string {
	return []string{
		`CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL, country text NOT NULL)`,
		`CREATE TABLE posts (id bigint PRIMARY KEY, user_id bigint NOT NULL, title text NOT NULL, body text NOT NULL)`,
		`CREATE TABLE items (id bigint PRIMARY KEY, name text NOT NULL, price bigint NOT NULL, stock bigint NOT NULL, version bigint NOT NULL)`,
	}
}

// Fill puts so many posts and items into the tables, and the users that belong to them.
func Fill(rows int) []string {
	users := strconv.Itoa(Users(rows))
	return []string{
		`INSERT INTO users (id, name, country) ` + numbers(Users(rows)) + ` SELECT id, 'user ' || id, CASE id % 8
			WHEN 1 THEN 'AT' WHEN 2 THEN 'BR' WHEN 3 THEN 'CA' WHEN 4 THEN 'DE' WHEN 5 THEN 'FR' WHEN 6 THEN 'IN' WHEN 7 THEN 'JP' ELSE 'US' END FROM n`,
		`INSERT INTO posts (id, user_id, title, body) ` + numbers(rows) + ` SELECT id, 1 + (id - 1) % ` + users + `, 'post ' || id,
			substr('The body of post ' || id || '. ' || '` + words + `', 1, 100) FROM n`,
		`INSERT INTO items (id, name, price, stock, version) ` + numbers(rows) + ` SELECT id, 'item ' || id, 100 + id * 25 % 9900, ` + strconv.Itoa(Stock) + `, 0 FROM n`,
	}
}

// Index makes the indexes; on full tables that is faster.
func Index() []string { return []string{`CREATE INDEX posts_user_id ON posts (user_id)`} }

// words fill a body up to 100 characters.
const words = `It says little, and it says it slowly, so that a row has the length that rows of this kind have in a real table.`

// numbers is the query n with the numbers from 1 to most.
func numbers(most int) string {
	return `WITH RECURSIVE n(id) AS (SELECT CAST(1 AS bigint) UNION ALL SELECT id + 1 FROM n WHERE id < ` + strconv.Itoa(most) + `)`
}
