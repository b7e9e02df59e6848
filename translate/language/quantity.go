package language

// Quantity is a number in a text, with what it counts.
type Quantity struct {
	Start, End int    // code points
	Text       string // as written, with its unit
	Value      Value
	Others     []Value // other values that the writing may mean
	Unit       string  // a key of units.yaml; "" when none was seen
	Hard       bool    // written in digits; a number in words is soft
	Vague      bool    // an order of magnitude: 수십억, tens of billions
	Name       bool    // digits that are part of a name, and may vanish in translation
}

// Quantities are the numbers of text in the order in which they stand. It takes
// time linear in the text, whatever the text is.
func (l *Language) Quantities(text string) []Quantity {
	return nil
}
