package article

import (
	"sync"
)

// outletSet is what the data says about publishers.
type outletSet struct {
	names map[string]bool // keys of the names that stand behind a headline
	hosts map[string]*publisher
}

// publisher is one entry of rules/publishers.yaml.
type publisher struct {
	Names []string `yaml:"names"`
	Hosts []string `yaml:"hosts"`
	Body  []string `yaml:"body"`  // selectors of the element that holds the body
	Title []string `yaml:"title"` // selectors of the headline
	Deck  []string `yaml:"deck"`  // selectors of the decks
	Drop  []string `yaml:"drop"`  // selectors inside the body that are not the article
}

var outlets = sync.OnceValues(loadOutlets)

func loadOutlets() (*outletSet, error) {
	var list []*publisher
	if err := readYAML("rules/publishers.yaml", &list); err != nil {
		return nil, err
	}
	set := &outletSet{names: map[string]bool{}, hosts: map[string]*publisher{}}
	for _, p := range list {
		for _, n := range p.Names {
			set.names[key(n)] = true
		}
		for _, h := range p.Hosts {
			set.hosts[h] = p
		}
	}
	return set, nil
}
