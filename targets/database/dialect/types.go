package dialect

import (
	"strings"
)

// OID is the number of a type in PostgreSQL's table of types (src/include/catalog/pg_type.dat).
type OID = uint32

// The types that are known. Zero is a type that nothing says.
const (
	Bool        OID = 16
	Bytea       OID = 17
	Char        OID = 18
	Name        OID = 19
	Int8        OID = 20
	Int2        OID = 21
	Int4        OID = 23
	Text        OID = 25
	Oid         OID = 26
	JSON        OID = 114
	Float4      OID = 700
	Float8      OID = 701
	Unknown     OID = 705
	Bpchar      OID = 1042
	Varchar     OID = 1043
	Date        OID = 1082
	Timestamp   OID = 1114
	Timestamptz OID = 1184
	Numeric     OID = 1700
	Void        OID = 2278
	UUID        OID = 2950
	JSONB       OID = 3802
)

// Type is a row of the table of types.
type Type struct {
	OID   OID
	Name  string // in the catalog
	Array OID    // its array type; 0: none is known
	Size  int16  // in bytes; -1: it varies
	Store string // the SQLite type of a cast; empty: a cast changes nothing
}

// Types are all of them.
var Types = []Type{
	{Bool, "bool", 1000, 1, ""},
	{Bytea, "bytea", 1001, -1, "BLOB"},
	{Char, "char", 1002, 1, "TEXT"},
	{Name, "name", 1003, 64, "TEXT"},
	{Int8, "int8", 1016, 8, "INTEGER"},
	{Int2, "int2", 1005, 2, "INTEGER"},
	{Int4, "int4", 1007, 4, "INTEGER"},
	{Text, "text", 1009, -1, "TEXT"},
	{Oid, "oid", 1028, 4, "INTEGER"},
	{JSON, "json", 199, -1, "TEXT"},
	{Float4, "float4", 1021, 4, "REAL"},
	{Float8, "float8", 1022, 8, "REAL"},
	{Unknown, "unknown", 0, -2, ""},
	{Bpchar, "bpchar", 1014, -1, "TEXT"},
	{Varchar, "varchar", 1015, -1, "TEXT"},
	{Date, "date", 1182, 4, ""},
	{Timestamp, "timestamp", 1115, 8, ""},
	{Timestamptz, "timestamptz", 1185, 8, ""},
	{Numeric, "numeric", 1231, -1, "REAL"},
	{Void, "void", 0, 4, ""},
	{UUID, "uuid", 2951, 16, "TEXT"},
	{JSONB, "jsonb", 3807, -1, "TEXT"},
}

// Lookup finds a type by its OID.
func Lookup(oid OID) (Type, bool) {
	for _, t := range Types {
		if t.OID == oid {
			return t, true
		}
	}
	return Type{}, false
}

// Element is the type of the elements of an array type.
func Element(array OID) (Type, bool) {
	for _, t := range Types {
		if array != 0 && t.Array == array {
			return t, true
		}
	}
	return Type{}, false
}

// ArrayOf is the array type of a type; of one that nothing says it is text[].
func ArrayOf(oid OID) OID {
	if t, ok := Lookup(oid); ok && t.Array != 0 {
		return t.Array
	}
	return ArrayOf(Text)
}

// aliases are the names of types in SQL that differ from those in the catalog. Numeric values are double precision here: SQLite
// has no other number with a fraction.
var aliases = map[string]OID{
	"bigint": Int8, "int": Int4, "integer": Int4, "smallint": Int2, "boolean": Bool, "real": Float4, "double precision": Float8, "float": Float8,
	"decimal": Float8, "numeric": Float8, "character varying": Varchar, "character": Bpchar, "blob": Bytea,
	"timestamp with time zone": Timestamptz, "timestamp without time zone": Timestamp,
}

// TypeNamed finds a type by its name in SQL, in small letters, without a length in parentheses.
func TypeNamed(name string) (OID, bool) {
	if oid, ok := aliases[name]; ok {
		return oid, true
	}
	for _, t := range Types {
		if t.Name == name {
			return t.OID, true
		}
	}
	return 0, false
}

// declared is the type of a column as its table declares it; 0 where it is no type of ours.
func declared(decl string) OID {
	name, _, _ := strings.Cut(strings.ToLower(decl), "(")
	oid, _ := TypeNamed(strings.TrimSpace(name))
	return oid
}

func integral(oid OID) bool {
	return oid == Int8 || oid == Int4 || oid == Int2 || oid == Oid
}

func fractional(oid OID) bool { return oid == Float8 || oid == Float4 || oid == Numeric }

// arithmetic is the type of a + b.
func arithmetic(a, b OID) OID {
	switch {
	case fractional(a) || fractional(b):
		return Float8
	case a == Int8 || b == Int8:
		return Int8
	case integral(a) && (integral(b) || b == 0), integral(b) && a == 0:
		return Int4
	}
	return 0
}
