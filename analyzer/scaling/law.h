/* law.h: the laws that a quantity may follow: c0 + c1·f(n), f(n) = n^power · log2(n)^logs.
 *
 * Two sets. The classes: 1, log n, √n, n, n log n, n^1.5, n², n³. The wide set: 1 and the 42 terms
 * that Extra-P (Calotoiu et al., "Using automated performance modeling to find scalability bugs in
 * complex codes", SC 2013) chooses from by default. Law 0 of a set is the constant. Laws of a set
 * are in the order of their growth as n goes to infinity, so that of two the higher index is the
 * higher class.
 */
#ifndef ANALYZER_SCALING_LAW_H
#define ANALYZER_SCALING_LAW_H

#include <stdbool.h>
#include <stddef.h>

#define LAW_COUNT_MAX 48
#define LAW_CONSTANT  0

struct law {
	int numerator, denominator; /* of the power of n */
	int logs;                   /* the power of log2(n) */
	const char *name;           /* "n log n"; in the wide set "n^(3/2) log^2 n" */
	const char *words;          /* "linearithmic"; of the class that it belongs to */
};

struct law_set {
	const struct law *laws;
	size_t count;
};

/* The classes, or the wide set. */
struct law_set law_set(bool wide);

/* f(n) for n > 0; 1 for the constant. Below n = 1 logarithms are negative, see law_usable. */
double law_value(const struct law *law, double n);

/* False where f is not positive and growing from the least n on: logarithms below 1. */
bool law_usable(const struct law *law, double least);

/* The law of that name, of words ("linear", "quadratic") or name; −1: there is none. */
int law_find(struct law_set set, const char *name);

/* Which of two grows faster as n goes to infinity: negative, 0 or positive, as of strcmp. The laws
 * may be of different sets. */
int law_compare(const struct law *a, const struct law *b);

#endif
