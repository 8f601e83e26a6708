// Armadillo's side of peers.mjs: full covariances from a given start, on rows that a file holds.
// usage: peers ROWS.f64 START.f64 N D K VARIANCE; each line "STEPS" of its input is answered by one of JSON
#include <armadillo>
#include <chrono>
#include <fstream>
#include <iostream>
#include <sstream>
using namespace arma;
static mat readColumns(const char* path, uword rows, uword columns) {
  mat m(rows, columns);
  std::ifstream(path, std::ios::binary).read(reinterpret_cast<char*>(m.memptr()), sizeof(double) * rows * columns);
  return m;
}
int main(int, char** argv) {
  const uword n = std::stoul(argv[3]), d = std::stoul(argv[4]), k = std::stoul(argv[5]);
  const double variance = std::stod(argv[6]);
  const mat x = readColumns(argv[1], d, n), means = readColumns(argv[2], d, k);
  // it stops when nothing changes any more, and says how often it went on only in what it prints
  std::ostringstream said;
  set_cout_stream(said);
  uword asked;
  while (std::cin >> asked) {
    const auto run = [&](bool print) {
      const auto begin = std::chrono::steady_clock::now();
      gmm_full m;
      cube c(d, d, k);
      c.each_slice([&](mat& s) { s = eye(d, d) * variance; });
      m.set_params(means, c, rowvec(k).fill(1.0 / k));
      m.learn(x, k, maha_dist, keep_existing, 0, asked, 1e-10, print);
      const double ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
      return std::make_pair(ms, m.avg_log_p(x));
    };
    said.str("");
    run(true);
    uword steps = 0;
    std::istringstream lines(said.str());
    for (std::string line; std::getline(lines, line);) steps += line.find("EM: iteration") != std::string::npos;
    const auto [ms, value] = run(false);
    std::printf("{\"ms\": %.6f, \"steps\": %llu, \"value\": %.9f}\n", ms, (unsigned long long)steps, value);
    std::fflush(stdout);
  }
}
