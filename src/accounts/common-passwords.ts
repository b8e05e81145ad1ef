/** The commonest passwords of published leaks that are long enough to be chosen here, in lower case. */
export const commonPasswords: ReadonlySet<string> = new Set(
  `00000000 0123456789 0987654321 10203040 11111111 111111111 1111111111 11223344 1122334455 12121212 12341234 123123123
  12344321 123454321 12345678 123456789 1234567890 12345678910 123456789a 12345qwert 1234abcd 1234qwer 123654789 123qwe123
  123qweasd 12qwaszx 147258369 1q2w3e4r 1q2w3e4r5t 1qaz2wsx 1qaz2wsx3edc 1qazxsw2 22222222 33333333 55555555 66666666
  77777777 87654321 88888888 963852741 98765432 987654321 9876543210 99999999 a1b2c3d4 aa123456 aaaaaaaa abc12345 abcd1234
  abcdefgh abcdefg1 adminadmin administrator alexander asdasdasd asdf1234 asdfasdf asdfghjk asdfghjkl asdfjkl; babygirl
  barcelona baseball basketball blink182 butterfly cccccccc changeme charlie1 chelsea1 chocolate christian computer
  corvette danielle dearbook december default1 dragon123 elizabeth football football1 football123 friendship garfield
  gfhjkmrf godisgood hallo123 hello123 helloworld hunter123 iloveyou iloveyou1 iloveyou2 internet januar2024 jennifer
  jonathan jordan23 juventus1 langley1 letmein1 letmein123 liverpool liverpool1 lovelove loveyou1 manchester marlboro
  master123 mercedes metallic metallica michael1 michelle midnight minecraft monkey123 mustang1 mynoob123 naruto123 nicholas
  november p@ssw0rd p@ssword pa$$w0rd pa55word passw0rd passw0rd1 password password! password1 password1! password12
  password123 password1234 password2 passwort passwort1 patrick1 platinum pokemon1 princess princess1 qazwsxed qazwsxedc
  q1w2e3r4 q1w2e3r4t5 qqqqqqqq qwer1234 qwerasdf qwerqwer qwert123 qwerty12 qwerty123 qwerty1234 qwerty12345 qwertyui
  qwertyuiop qwertz123 rockyou1 samantha samsung1 scooby12 secret123 september slipknot snowball spiderman spongebob
  srinivas starwars starwars1 steelers summer2024 summer2025 sunflower sunshine sunshine1 superman superman1 superstar
  swordfish test1234 testtest testtest1 thomas123 tinkerbell trustno1 unknown1 veronica victoria voyager1 welcome1 welcome123
  welcome2024 welcome2025 whatever william1 winter2024 winter2025 xxxxxxxx zaq12wsx zaq1zaq1 zxcvbnm1 zxcvbnm123 zzzzzzzz`
    .split(/\s+/)
    .map((word) => word.trim()),
);
