package load

func engines() []engine { return []engine{epollEngine{}, netEngine{}} }
