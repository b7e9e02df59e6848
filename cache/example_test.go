package cache_test

import (
	"context"
	"fmt"
	"strings"

	"yeok/cache"
)

// Work that is paid for looks into the store first and stores before it
// returns, so that no caller can pay for a key twice.
func ExampleFlights_Join() {
	store, err := cache.Open(cache.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer store.Close()
	var flights cache.Flights[string, string]

	translate := func(ctx context.Context, text string) (string, error) {
		if known, ok := store.Get(text); ok {
			return string(known), nil
		}
		flight := flights.Join(ctx, text, func(_ context.Context, emit func(string)) (string, error) {
			if known, ok := store.Get(text); ok { // stored since the caller looked
				return string(known), nil
			}
			fmt.Println("paid for", text)
			for word := range strings.FieldsSeq(text) {
				emit(strings.ToUpper(word))
			}
			result := strings.ToUpper(text)
			return result, store.Put(text, cache.Entry{Value: []byte(result), Tags: []string{"language:en"}})
		})
		for word := range flight.Events(ctx) {
			fmt.Println("as it comes:", word)
		}
		return flight.Wait(ctx)
	}

	for range 2 {
		fmt.Println(translate(context.Background(), "good morning"))
	}
	// Output:
	// paid for good morning
	// as it comes: GOOD
	// as it comes: MORNING
	// GOOD MORNING <nil>
	// GOOD MORNING <nil>
}
