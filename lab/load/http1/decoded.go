package http1

// Parse gives the head of a response of HTTP/2 from its fields, as HPACK has them: names in lower case, the status among
// them. wrong says what keeps it from being one; "": nothing.
func (r *Reader) Parse(fields [][2]string) (h Head, wrong string) {
	h = Head{Body: BodyUntilEnd, Keep: true}
	for _, f := range fields {
		name, value := f[0], []byte(f[1])
		switch name {
		case ":status":
			if h.Status, wrong = parseStatus(value); wrong != "" {
				return h, wrong
			}
		case "content-length":
			number, why := oneLength(value)
			n, _ := parseLength(number)
			switch {
			case why != "":
				return h, why
			case h.Body == BodyLength && h.Length != n:
				return h, differentLengths
			}
			h.Body, h.Length = BodyLength, n
		default:
			r.mark(&h, []byte(name), value)
		}
	}
	if h.Status == 0 {
		return h, "a head without a status"
	}
	return h, ""
}

// Decoded begins a response of HTTP/2, with a head that Parse gave.
func (r *Reader) Decoded(h Head) { r.state, r.Head = inLength, h }

// Piece takes a piece of the body of a response that Decoded began.
func (r *Reader) Piece(p []byte) { r.data(p) }
