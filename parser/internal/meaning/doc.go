// Package meaning tells what sentences mean, as it has learnt from examples: for which reason an exception is asked
// for, whether an authentication method is registered, and what a letter is at all. It goes by the stems of words, by
// words next to each other, by pieces of words, which tell of those that are misspelt, and by what words are about (see
// concept). A word that stands behind one that denies is another than the word itself.
package meaning
