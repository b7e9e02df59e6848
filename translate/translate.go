// Package translate is the verb of yeok: it turns an article into one target
// language by asking a model, and does not believe the answer until it is
// checked.
//
// The one idea to know: text goes out and comes back as segments under ids
// ([[T]], [[P1]] …) and is matched by id, never by position. What is missing is
// asked for again; what fails a check is translated again once with the failure
// named; what still fails is said, not hidden.
package translate
