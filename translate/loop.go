package translate

// looping stands in for check.Looping until that is there.
func looping(string) bool { return false }
