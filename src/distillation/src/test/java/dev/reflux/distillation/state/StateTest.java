package dev.reflux.distillation.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class StateTest {

    private static byte[] sample() {
        return new StateWriter()
                .section(
                        "outer",
                        3,
                        outer -> outer.putInt(-5)
                                .putLong(1L << 40)
                                .putDouble(Double.MIN_VALUE)
                                .section(
                                        "inner",
                                        1,
                                        inner -> inner.putString("é").putFloats(new float[] {-0f, Float.NaN, 1.5f}))
                                .putDoubles(new double[] {0.1})
                                .putInts(new int[] {7, -7})
                                .putLongs(new long[] {Long.MIN_VALUE})
                                .putBytes(new byte[] {1, 2}))
                .toBytes();
    }

    @Test
    void written_isReadBitForBit() {
        StateReader reader = new StateReader(sample());
        StateReader outer = reader.section("outer", 3);

        assertThat(outer.version()).isEqualTo(3);
        assertThat(outer.getInt()).isEqualTo(-5);
        assertThat(outer.getLong()).isEqualTo(1L << 40);
        assertThat(outer.getDouble()).isEqualTo(Double.MIN_VALUE);
        StateReader inner = outer.section("inner", 9);
        assertThat(inner.version()).isEqualTo(1);
        assertThat(inner.getString()).isEqualTo("é");
        assertThat(inner.getFloats()).containsExactly(-0f, Float.NaN, 1.5f);
        assertThat(inner.hasRemaining()).isFalse();
        assertThat(outer.getDoubles()).containsExactly(0.1);
        assertThat(outer.getInts()).containsExactly(7, -7);
        assertThat(outer.getLongs()).containsExactly(Long.MIN_VALUE);
        assertThat(outer.hasRemaining()).isTrue();
        assertThat(outer.getBytes()).containsExactly(1, 2);
        assertThat(outer.hasRemaining()).isFalse();
        assertThat(reader.hasRemaining()).isFalse();
    }

    @Test
    void format_staysAsItIs() {
        byte[] bytes = new StateWriter()
                .section("a", 2, body -> body.putInt(1).putFloats(new float[] {1}))
                .toBytes();

        assertThat(HexFormat.of().formatHex(bytes))
                .isEqualTo("000161" + "00000002" + "0000000c" + "00000001" + "00000004" + "0000803f");
    }

    @Test
    void newerVersion_isRefused() {
        assertThatThrownBy(() -> new StateReader(sample()).section("outer", 2))
                .isInstanceOf(StateException.class)
                .hasMessageContaining("version 3 found, this build reads up to 2");
    }

    @Test
    void otherSection_isRefused() {
        assertThatThrownBy(() -> new StateReader(sample()).section("teacher", 3))
                .isInstanceOf(StateException.class)
                .hasMessageContaining("'outer' found where 'teacher' is expected");
    }

    @Test
    void everyPrefix_isRefusedAsCutOff() {
        byte[] whole = sample();
        for (int length = 0; length < whole.length; length++) {
            byte[] part = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> new StateReader(part).section("outer", 3))
                    .isInstanceOf(StateException.class)
                    .hasMessageContaining("cut off");
        }
    }

    @Test
    void damagedLength_isRefusedWithoutAllocatingIt() {
        byte[] bytes = new StateWriter().putInt(Integer.MAX_VALUE).putInt(0).toBytes();

        assertThatThrownBy(() -> new StateReader(bytes).getFloats())
                .isInstanceOf(StateException.class)
                .hasMessageContaining("4 bytes left where 2147483647 are announced");
    }
}
