# mclust on a slow problem: steps to the log-likelihood that is asked for, then the time of a fit of so many.
# On standard input: rows, columns, components and the log-likelihood, then rows, shares, means and covariances.
suppressMessages(library(mclust))
given <- scan(file("stdin"), quiet = TRUE)
n <- given[1]; d <- given[2]; k <- given[3]; target <- given[4]
at <- 4
take <- function(count) { at <<- at + count; given[(at - count + 1):at] }
x <- matrix(take(n * d), n, d, byrow = TRUE)
pro <- take(k)
mean <- matrix(take(k * d), d, k)
sigma <- array(take(k * d * d), c(d, d, k))
variance <- list(modelName = "VVV", d = d, G = k, sigma = sigma,
                 cholsigma = array(apply(sigma, 3, chol), c(d, d, k)))
start <- list(pro = pro, mean = mean, variance = variance)
run <- function(steps)
  suppressWarnings(emVVV(x, parameters = start, control = emControl(tol = c(0, 0), itmax = c(steps, steps))))
reached <- function(steps) estepVVV(x, parameters = run(steps)$parameters)$loglik >= target
high <- 1
while (high < 20000 && !reached(high)) high <- 2 * high
low <- high / 2
while (high - low > 1) {
  middle <- floor((low + high) / 2)
  if (reached(middle)) high <- middle else low <- middle
}
ms <- sapply(1:3, function(i) 1000 * system.time(run(high))[["elapsed"]])
cat(if (high < 20000) sprintf("%d steps, %.0f ms", as.integer(high), median(ms)) else "not reached in 20000 steps")
