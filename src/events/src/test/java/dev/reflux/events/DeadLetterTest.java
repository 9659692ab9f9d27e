package dev.reflux.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class DeadLetterTest {

    @Test
    void headers_refusedEvent_tellPlaceAndReason() {
        DeadLetter letter =
                new DeadLetter(new byte[] {1}, null, "shop.events", 3, 12345678901L, 99, Reason.NOT_FINITE, "x: NaN");
        assertThat(letter.headers())
                .containsExactly(
                        Map.entry("reflux-format", "dead-letter/1"),
                        Map.entry("reflux-reason", "not-finite"),
                        Map.entry("reflux-message", "x: NaN"),
                        Map.entry("reflux-topic", "shop.events"),
                        Map.entry("reflux-partition", "3"),
                        Map.entry("reflux-offset", "12345678901"),
                        Map.entry("reflux-timestamp", "99"));
    }

    @Test
    void equals_sameContentInOtherArrays_isEqual() {
        DeadLetter letter = letter(new byte[] {1, 2}, new byte[] {3});
        assertThat(letter).isEqualTo(letter(new byte[] {1, 2}, new byte[] {3}));
        assertThat(letter).hasSameHashCodeAs(letter(new byte[] {1, 2}, new byte[] {3}));
        assertThat(letter).isNotEqualTo(letter(new byte[] {1, 9}, new byte[] {3}));
        assertThat(letter).isNotEqualTo(letter(new byte[] {1, 2}, new byte[] {9}));
    }

    private static DeadLetter letter(byte[] value, byte[] key) {
        return new DeadLetter(value, key, "t", 0, 1, 2, Reason.NOT_JSON, "m");
    }
}
