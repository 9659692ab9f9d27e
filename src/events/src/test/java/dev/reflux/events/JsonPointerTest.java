package dev.reflux.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class JsonPointerTest {

    @Test
    void parse_escapes_areUndone() {
        assertThat(JsonPointer.parse("/a~1b/m~0n/~01").segments()).containsExactly("a/b", "m~n", "~1");
        assertThat(JsonPointer.parse("/").segments()).containsExactly("");
        assertThat(JsonPointer.parse("/a//0").segments()).containsExactly("a", "", "0");
    }

    @Test
    void toString_namesThatNeedEscapes_parseBack() {
        JsonPointer pointer = JsonPointer.toField("a/b~c");
        assertThat(pointer).hasToString("/a~1b~0c");
        assertThat(JsonPointer.parse(pointer.toString())).isEqualTo(pointer);
    }

    @Test
    void parse_noPointer_saysHowToMend() {
        assertThatThrownBy(() -> JsonPointer.parse("price"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'price'")
                .hasMessageContaining("'/price'");
        assertThatThrownBy(() -> JsonPointer.parse("/a~2"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'~'");
        assertThatThrownBy(() -> JsonPointer.parse("/a~")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> JsonPointer.parse(""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("whole event");
    }
}
