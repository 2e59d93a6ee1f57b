package report

import (
	"strings"

	"benchtop/lab"
)

// Failed says in one sentence why no request of a load succeeded.
func Failed(url string, v *lab.VariantResult) string {
	out := "no request succeeded at " + url
	if len(v.Errors) != 1 {
		if len(v.Errors) > 1 {
			out += ": " + lab.ErrorWords(v.Errors, v.Reasons)
		}
		return out
	}
	class := sortedKeys(v.Errors)[0]
	why, known := v.Reasons[class]
	switch {
	case !known:
		return out + ": " + class + " from every request"
	case !strings.HasPrefix(class, "status_"):
		return out + ": every request ended as " + class + ": " + why.Text
	case class == "status_3xx":
		return out + ": " + why.Text + " from every request; redirects are not followed: drive the address that they name"
	}
	out += ": " + why.Text + " from every request"
	if why.Bytes != "" && !strings.HasPrefix(why.Bytes, "HTTP/") {
		out += `: "` + why.Bytes + `"` // a body often says what would be right
	}
	return out
}
