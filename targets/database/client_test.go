package database

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"

	"benchtop/targets/fixture/suite"
)

// client runs a program of other people against the database, and gives what it prints.
func client(t *testing.T, addr string, program []string, input string) string {
	t.Helper()
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(bounded(t), program[0], program[1:]...)
	cmd.Stdin = strings.NewReader(input)
	cmd.Env = append(os.Environ(), "PGHOST="+host, "PGPORT="+port, "PGUSER=bench", "PGDATABASE=shop")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v: %v\n%s", program, err, out)
	}
	return string(out)
}

func TestPsql(t *testing.T) {
	_, err := exec.LookPath("psql")
	suite.Need(t, err)
	_, addr := running(t, Settings{})
	got := client(t, addr, []string{"psql", "-X", "-A", "-t"}, `SELECT id, name, country FROM users ORDER BY id LIMIT 2;
		BEGIN; UPDATE items SET stock = 5 WHERE id = 1 RETURNING stock; ROLLBACK; SELECT stock FROM items WHERE id = 1; \d
		SELECT 'still here';`)
	for _, want := range []string{"1|user 1|AT\n2|user 2|BR\n", "5\nUPDATE 1", "1000000\n", "there is no system catalog here", "still here"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

// asyncpgSays is what the Python driver does with a pool, as an application uses it.
const asyncpgSays = `
import asyncio, asyncpg

async def main():
    pool = await asyncpg.create_pool(min_size=1, max_size=3)
    for _ in range(2):  # the second time on a connection that was reset
        async with pool.acquire() as c:
            print(dict(await c.fetchrow("SELECT id, name, country FROM users WHERE id = $1", 1)))
            print([r["id"] for r in await c.fetch("SELECT id FROM items WHERE id = ANY($1) ORDER BY id", [3, 1, 1000])])
            print([r["name"] for r in await c.fetch("SELECT name FROM items WHERE name = ANY($1::text[])", ["item 7"])])
            async with c.transaction():
                print(await c.fetchval("UPDATE items SET stock = stock - 1 WHERE id = $1 RETURNING stock", 1))
            await c.execute("SELECT pg_sleep($1)", 0.001)
            await c.executemany("UPDATE items SET version = $2 WHERE id = $1", [(1, 1), (2, 2)])
            async with c.transaction():
                print(len([r async for r in c.cursor("SELECT id FROM posts ORDER BY id", prefetch=7)]))
    try:
        await pool.fetch("SELECT * FROM nobody")
    except asyncpg.UndefinedTableError as e:
        print("undefined:", e)
    try:
        await pool.fetch("SELECT pg_sleep(3600)", timeout=0.05)
    except asyncio.TimeoutError:
        print("timed out")
    print(await pool.fetchval("SELECT 1"))
    await pool.close()

asyncio.run(main())
`

func TestAsyncpg(t *testing.T) {
	python := "/usr/bin/python3" // where Debian's packages are
	if err := exec.CommandContext(bounded(t), python, "-c", "import asyncpg").Run(); err != nil {
		suite.Need(t, fmt.Errorf("asyncpg is not installed: %w", err))
	}
	s, addr := running(t, Settings{})
	got := client(t, addr, []string{python, "-"}, asyncpgSays)
	row := "{'id': 1, 'name': 'user 1', 'country': 'AT'}\n[1, 3]\n['item 7']\n"
	want := row + "999999\n100\n" + row + "999998\n100\nundefined: relation \"nobody\" does not exist\ntimed out\n1\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if s.counts.cancelled.Load() != 1 {
		t.Errorf("%d statements cancelled, want 1", s.counts.cancelled.Load())
	}
}
