package dev.weir.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class IdentifiersTest {
  @Test
  void aNameOfAnyCharactersNamesItsColumn() {
    String name = "a.b `c` d";
    assertThat(Identifiers.quote(name)).isEqualTo("`a.b ``c`` d`");
    assertThat(
            TestSpark.session()
                .range(1)
                .toDF(name)
                .select(Identifiers.column(name))
                .head()
                .getLong(0))
        .isZero();
  }
}
