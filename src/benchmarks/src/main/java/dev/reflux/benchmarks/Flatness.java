package dev.reflux.benchmarks;

import java.util.List;
import java.util.function.ToLongFunction;

/**
 * Whether something stayed where it was once a run was under way.
 *
 * @param atTenth its value after the first tenth of the run
 * @param most its highest value after that
 * @param atEnd its last value
 */
record Flatness(long atTenth, long most, long atEnd) {

    /** @param samples at equal distances over the whole run, at least 10 */
    static Flatness of(List<MemorySample> samples, ToLongFunction<MemorySample> value) {
        if (samples.size() < 10) {
            throw new IllegalArgumentException(
                    samples.size() + " samples found, a tenth of a run needs at least 10; run more events");
        }
        List<MemorySample> after = samples.subList(samples.size() / 10 - 1, samples.size());
        return new Flatness(
                value.applyAsLong(after.get(0)),
                after.stream().mapToLong(value).max().orElseThrow(),
                value.applyAsLong(after.get(after.size() - 1)));
    }

    /** How far it rose above its value after the first tenth, as a share of that. */
    double growth() {
        return (double) (most - atTenth) / atTenth;
    }
}
