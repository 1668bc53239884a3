/* decision/blas.h: the one product of matrices that networks need, by OpenBLAS.
 *
 * The library is loaded when a network is first wanted: it maps tens of megabytes, which a run
 * without networks should neither pay nor show in its profile. It is held to one thread: parallel
 * work is cut into blocks of rows by the caller, so that results do not depend on threads.
 */
#ifndef SIM_DECISION_BLAS_H
#define SIM_DECISION_BLAS_H

#include <stdbool.h>
#include <stddef.h>

/* Loads the library, once. False with one line in ERROR. */
bool blas_load(char *error, size_t error_size);

enum blas_side { BLAS_AS_IS, BLAS_TRANSPOSED };

/* C (m × n) = scale · A · B + keep · C, all row after row without gaps. A is m × k, B is k × n, or
 * stored the other way round where transposed. The library must be loaded. Any thread. */
void blas_product(enum blas_side a_side, enum blas_side b_side, size_t m, size_t n, size_t k,
                  float scale, const float *a, const float *b, float keep, float *c);

#endif
