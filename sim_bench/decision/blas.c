/* decision/blas.c: see blas.h. */
#include "decision/blas.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#define LIBRARY "libopenblas.so.0"

/* The numbers of the CBLAS interface. */
#define ROW_MAJOR 101
#define NO_TRANS  111
#define TRANS     112

typedef void sgemm_fn(int order, int a_side, int b_side, int m, int n, int k, float scale,
                      const float *a, int a_stride, const float *b, int b_stride, float keep,
                      float *c, int c_stride);

static sgemm_fn *sgemm;

bool blas_load(char *error, size_t error_size)
{
	if (sgemm)
		return true;
	/* Read when the library starts: without it, it would start threads of its own. */
	setenv("OPENBLAS_NUM_THREADS", "1", 1);
	void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
	void (*set_threads)(int) = NULL;
	if (library) {
		sgemm = (sgemm_fn *)dlsym(library, "cblas_sgemm");
		set_threads = (void (*)(int))dlsym(library, "openblas_set_num_threads");
	}
	if (set_threads)
		set_threads(1);
	if (!sgemm)
		snprintf(error, error_size,
		         "networks need OpenBLAS (" LIBRARY "), which is not installed");
	return sgemm != NULL;
}

void blas_product(enum blas_side a_side, enum blas_side b_side, size_t m, size_t n, size_t k,
                  float scale, const float *a, const float *b, float keep, float *c)
{
	sgemm(ROW_MAJOR, a_side == BLAS_TRANSPOSED ? TRANS : NO_TRANS,
	      b_side == BLAS_TRANSPOSED ? TRANS : NO_TRANS, (int)m, (int)n, (int)k, scale, a,
	      (int)(a_side == BLAS_TRANSPOSED ? m : k), b, (int)(b_side == BLAS_TRANSPOSED ? k : n),
	      keep, c, (int)n);
}
