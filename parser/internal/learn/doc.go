// Package learn tells what something is by its features, as it has learnt from examples: a multinomial logistic
// regression, whose weights are whole numbers in a small table. It knows nothing of mail.
package learn
