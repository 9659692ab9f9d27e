package dev.reflux.drift;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Our detectors alarm at the values at which River's do; its alarms were written by river_alarms.py, beside them. */
class RiverOracleTest {

    @TestFactory
    Collection<DynamicTest> add_sameOptions_alarmsWhereRiverDoes() throws IOException {
        try (var in = RiverOracleTest.class.getResourceAsStream("river-alarms.txt")) {
            assertThat(in).isNotNull();
            List<String> lines = new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .toList();
            assertThat(lines).hasSize(42);
            return lines.stream().map(RiverOracleTest::test).toList();
        }
    }

    private static DynamicTest test(String line) {
        String[] fields = line.split(";", -1);
        Streams stream = Streams.valueOf(fields[1]);
        int count = Integer.parseInt(fields[2]);
        return DynamicTest.dynamicTest(fields[0] + " on " + stream, () -> {
            double[] values = Arrays.copyOf(stream.values(120_000, 7), count);
            assertThat(alarms(ours(fields[0]), values)).isEqualTo(indices(fields[3]));
        });
    }

    /** All of River's detectors forget everything after an alarm, also those whose method keeps the newest values. */
    private static List<Integer> alarms(DriftDetector detector, double[] values) {
        return IntStream.range(0, values.length)
                .filter(i -> {
                    boolean alarm = detector.add(values[i]) == DriftLevel.DRIFT;
                    if (alarm) {
                        detector.reset();
                    }
                    return alarm;
                })
                .boxed()
                .toList();
    }

    private static List<Integer> indices(String list) {
        return list.isEmpty()
                ? List.of()
                : Stream.of(list.split(",")).map(Integer::valueOf).toList();
    }

    private static DriftDetector ours(String rivers) {
        return switch (rivers) {
            case "adwin" -> new Adwin(0.002, Adwin.Direction.BOTH);
            // River first looks at the value after its warm start, and can first alarm at the next
            case "ddm" -> new Ddm(32, 2, 3);
            case "hddm-a one-sided" -> new HddmA(0.001, 0.005, Sides.ONE_SIDED);
            case "hddm-a two-sided" -> new HddmA(0.001, 0.005, Sides.TWO_SIDED);
            case "page-hinkley up" -> pageHinkley(Sides.ONE_SIDED);
            case "page-hinkley both" -> pageHinkley(Sides.TWO_SIDED);
            case "kswin" -> new Kswin(0.005, 60, 30, 1);
            default -> throw new IllegalArgumentException(rivers);
        };
    }

    private static PageHinkley pageHinkley(Sides sides) {
        return new PageHinkley(30, 0.005, 50, 50, 1 - 0.0001, PageHinkley.Baseline.MINIMUM, sides);
    }
}
