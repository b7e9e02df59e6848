// Package language holds what yeok knows of each language, one data file a
// language: names, script, number words, length bounds, style sheet.
//
// The one idea to know: a language reads its own numbers. Quantities finds every
// number of a text by value, whatever the language writes it as, and facts,
// prompt and checks all use the same reading.
package language

// Language is one language as its data file describes it. Values are shared and
// must not be changed.
type Language struct {
	Code        string   // canonical BCP-47
	Name        string   // English name
	NativeName  string   // the language's name for itself
	Aliases     []string // other codes that mean this language
	StyleSheet  string   // rules of the house for the prompt, at most ~150 tokens
	Disclosure  string   // the sentence that says that a machine translated
	TokensAChar float64  // tokens a character, an upper estimate over tokenizers
}
