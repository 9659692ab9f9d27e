package dev.reflux.service.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.reflux.service.compare.BlockBootstrap.Interval;
import dev.reflux.service.compare.BlockBootstrap.Window;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class BlockBootstrapTest {
    private static final BlockBootstrap BOOTSTRAP = new BlockBootstrap(42);
    /** Of a normal distribution, from the middle to the end of its central 95 %. */
    private static final double DEVIATIONS = 1.96;

    @Test
    void interval_ofIndependentWindows_isThatOfTheNormalApproximation() {
        SplittableRandom random = new SplittableRandom(1);
        int n = 1_000;
        int[] more = IntStream.range(0, n).map(i -> 5 + random.nextInt(-10, 11)).toArray();
        List<Window> windows = windows(n, i -> new Window(100, 40, 40 + more[i]));
        double mean = IntStream.of(more).average().orElseThrow() / 100;
        // a uniform distribution over 21 whole numbers has the variance (21^2 - 1) / 12
        double error = Math.sqrt((21 * 21 - 1) / 12.0 / n) / 100;

        Interval found = BOOTSTRAP.interval(windows).orElseThrow();

        assertThat(BlockBootstrap.difference(windows)).isCloseTo(mean, within(1e-12));
        assertThat(found.low()).isCloseTo(mean - DEVIATIONS * error, within(0.2 * error));
        assertThat(found.high()).isCloseTo(mean + DEVIATIONS * error, within(0.2 * error));
    }

    @Test
    void interval_ofWindowsThatFollowTheirNeighbours_isWiderThanOfTheSameShuffled() {
        SplittableRandom random = new SplittableRandom(2);
        int n = 1_000;
        int run = 10;
        int[] ofRun =
                IntStream.range(0, n / run).map(i -> random.nextInt(-10, 11)).toArray();
        List<Window> windows = windows(n, i -> new Window(100, 40, 40 + ofRun[i / run]));
        List<Window> shuffled = new ArrayList<>(windows);
        Collections.shuffle(shuffled, new java.util.Random(3));

        double width = width(windows);
        double independent = width(shuffled);

        // Runs of r equal windows have r times the variance of the mean. Blocks as long as the runs, which begin
        // anywhere
        // in them, see (2 r^2 + 1) / (3 r) times it.
        assertThat(BlockBootstrap.blockLength(n)).isEqualTo(run);
        assertThat(width / independent)
                .isCloseTo(Math.sqrt((2.0 * run * run + 1) / (3 * run)), within(0.35))
                .isLessThan(Math.sqrt(run));
    }

    @Test
    void interval_ofTheTwoExchanged_isTheMirrorImage() {
        SplittableRandom random = new SplittableRandom(4);
        List<Window> windows = windows(60, i -> new Window(50, random.nextInt(51), random.nextInt(51)));
        List<Window> exchanged = windows.stream()
                .map(window -> new Window(window.labelled(), window.variant(), window.control()))
                .toList();

        Interval found = BOOTSTRAP.interval(windows).orElseThrow();

        assertThat(BOOTSTRAP.interval(exchanged)).contains(new Interval(-found.high(), -found.low()));
        assertThat(BlockBootstrap.difference(exchanged)).isEqualTo(-BlockBootstrap.difference(windows));
    }

    @Test
    void interval_ofTheSameSeed_isTheSame() {
        SplittableRandom random = new SplittableRandom(5);
        List<Window> windows = windows(40, i -> new Window(50, random.nextInt(51), random.nextInt(51)));

        assertThat(new BlockBootstrap(42).interval(windows)).isEqualTo(BOOTSTRAP.interval(windows));
        assertThat(new BlockBootstrap(43).interval(windows)).isNotEqualTo(BOOTSTRAP.interval(windows));
    }

    @Test
    void interval_ofTwoThatAnswerAlike_isZero() {
        List<Window> windows = windows(100, i -> new Window(50, i % 50, i % 50));

        assertThat(BlockBootstrap.difference(windows)).isZero();
        assertThat(BOOTSTRAP.interval(windows)).contains(new Interval(0, 0));
    }

    @Test
    void interval_windowsWithoutLabels_countForNothing() {
        SplittableRandom random = new SplittableRandom(6);
        List<Window> windows = windows(40, i -> new Window(50, random.nextInt(51), random.nextInt(51)));
        List<Window> withGaps = new ArrayList<>();
        windows.forEach(window -> withGaps.addAll(List.of(window, new Window(0, 0, 0))));

        assertThat(BlockBootstrap.difference(withGaps)).isEqualTo(BlockBootstrap.difference(windows));
        assertThat(BOOTSTRAP.interval(withGaps)).isEqualTo(BOOTSTRAP.interval(windows));
    }

    @Test
    void interval_windowsOfDifferentSizes_weighByTheirLabels() {
        List<Window> windows = windows(100, i -> i < 99 ? new Window(1, 0, 0) : new Window(901, 0, 901));

        assertThat(BlockBootstrap.difference(windows)).isEqualTo(0.901);
        Interval found = BOOTSTRAP.interval(windows).orElseThrow();
        assertThat(found.low()).isZero();
        assertThat(found.high()).isBetween(0.95, 1.0);
    }

    @Test
    void interval_ofTooFewWindows_isEmpty() {
        assertThat(BOOTSTRAP.interval(List.of())).isEmpty();
        assertThat(BOOTSTRAP.interval(windows(9, i -> new Window(100, 40, 60)))).isEmpty();
        assertThat(BOOTSTRAP.interval(windows(10, i -> new Window(100, 40, 60))))
                .contains(new Interval(0.2, 0.2));
        assertThat(BlockBootstrap.difference(List.of(new Window(0, 0, 0)))).isNaN();
    }

    @Test
    void blockLength_growsWithTheCubeRoot() {
        assertThat(IntStream.of(1, 8, 9, 10, 100, 101, 1_000, 1_001).map(BlockBootstrap::blockLength))
                .containsExactly(1, 2, 3, 3, 5, 5, 10, 11);
    }

    @Test
    void window_moreRightAnswersThanLabels_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Window(10, 3, 11))
                .withMessageContaining("3 and 11")
                .withMessageContaining("10 labels");
    }

    private static double width(List<Window> windows) {
        Interval found = BOOTSTRAP.interval(windows).orElseThrow();
        return found.high() - found.low();
    }

    private static List<Window> windows(int count, IntFunction<Window> window) {
        return IntStream.range(0, count).mapToObj(window).toList();
    }
}
