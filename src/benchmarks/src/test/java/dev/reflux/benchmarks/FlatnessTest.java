package dev.reflux.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class FlatnessTest {

    @Test
    void of_growthWithinTheFirstTenth_doesNotCount() {
        Flatness found = Flatness.of(
                samples(LongStream.concat(
                        LongStream.of(1, 100), LongStream.generate(() -> 100).limit(18))),
                MemorySample::resident);

        assertThat(found).isEqualTo(new Flatness(100, 100, 100));
        assertThat(found.growth()).isZero();
    }

    @Test
    void of_aPeakAfterTheFirstTenth_counts() {
        Flatness found = Flatness.of(
                samples(LongStream.of(100, 100, 100, 130, 100, 100, 100, 100, 100, 90)), MemorySample::resident);

        assertThat(found).isEqualTo(new Flatness(100, 130, 90));
        assertThat(found.growth()).isCloseTo(0.3, within(1e-12));
    }

    @Test
    void of_tooFewSamples_isRefused() {
        List<MemorySample> few = samples(LongStream.range(0, 9));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Flatness.of(few, MemorySample::resident))
                .withMessageContaining("9 samples");
    }

    private static List<MemorySample> samples(LongStream resident) {
        return resident.mapToObj(bytes -> new MemorySample(0, 0, bytes, 0, 0, 0, 0, 0))
                .toList();
    }
}
