package dev.reflux.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LabelMaskTest {

    private static final int PLACES = 200_000;

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.01, 0.1, 0.5, 0.9, 1})
    void visible_manyPlaces_isTheShare(double share) {
        LabelMask mask = new LabelMask(share, 42);
        long visible = LongStream.range(0, PLACES)
                .filter(offset -> mask.visible((int) (offset % 3), offset))
                .count();
        // four standard deviations of the binomial; none at 0 and 1
        assertThat(visible).isCloseTo((long) (share * PLACES), within((long)
                (4 * Math.sqrt(PLACES * share * (1 - share)))));
    }

    @Test
    void visible_otherSeedOrPartition_hidesOthers() {
        LabelMask mask = new LabelMask(0.5, 1);
        assertThat(agreement(mask, new LabelMask(0.5, 2), 0, 0)).isBetween(0.48, 0.52);
        assertThat(agreement(mask, mask, 0, 1)).isBetween(0.48, 0.52);
        assertThat(agreement(mask, new LabelMask(0.5, 1), 5, 5)).isEqualTo(1);
    }

    /** A visible label stays visible when the share grows, so that runs with other shares can be compared. */
    @Test
    void visible_largerShare_hidesNoMore() {
        LabelMask few = new LabelMask(0.1, 9);
        LabelMask many = new LabelMask(0.3, 9);
        assertThat(LongStream.range(0, 10_000).filter(offset -> few.visible(0, offset)))
                .isNotEmpty()
                .allMatch(offset -> many.visible(0, offset));
    }

    /** These must not change: a state restored by a later build would hide other labels than before. */
    @Test
    void visible_firstPlaces_areAsEver() {
        LabelMask mask = new LabelMask(0.5, 42);
        StringBuilder visible = new StringBuilder();
        for (int offset = 0; offset < 32; offset++) {
            visible.append(mask.visible(3, offset) ? '1' : '0');
        }
        assertThat(visible).hasToString("10100100000100101100000110001111");
    }

    @Test
    void mix_seedZero_givesThePublishedSequence() {
        // first outputs of SplitMix64 seeded with 0
        assertThat(SplitMix64.mix(0)).isEqualTo(0xE220A8397B1DCDAFL);
        assertThat(SplitMix64.mix(0x9E3779B97F4A7C15L)).isEqualTo(0x6E789E6AA1B965F4L);
    }

    @Test
    void mask_shareOutsideZeroToOne_isRefused() {
        for (double share : new double[] {-0.1, 1.1, Double.NaN}) {
            assertThatThrownBy(() -> new LabelMask(share, 0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(String.valueOf(share));
        }
    }

    private static double agreement(LabelMask one, LabelMask other, int onePartition, int otherPartition) {
        return LongStream.range(0, 20_000)
                        .filter(offset -> one.visible(onePartition, offset) == other.visible(otherPartition, offset))
                        .count()
                / 20_000.0;
    }
}
