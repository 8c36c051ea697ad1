/**
 * Names the maker of the prepaid meter family `hexcell` gives its objects, profiles and logs: data only, generated
 * from the maker's list. One line each: OBIS code; class id (empty where the list is silent); name; unit.
 */
export const hexcellLines = `
0-0:96.1.0.255;1;Meter Serial number
0-0:96.1.1.255;1;Hardware version
1-0:0.2.0.255;1;Firmware version
0-0:96.90.4.255;1;SGC
1-0:0.6.0.255;3;Related voltage;V
1-0:0.6.1.255;3;Related Normal Current;A
1-0:0.6.3.255;3;Related Maximum Current;A
1-0:0.6.2.255;3;Related Frequency;Hz
1-0:0.3.0.255;1;Constant of Active Energy(LED)
1-0:0.3.1.255;1;Constant of Reactive Energy(LED)
0-0:97.97.12.255;1;Meter run status
0-0:96.5.0.255;1;Meter tamper status
1-0:129.39.132.255;1;Meter function control config
1-0:129.40.132.255;1;Relay control function config
1-0:1.31.2.255;1;Number of MD RESET
0-0:96.80.0.255;1;Energy display decimal places
0-0:96.81.0.255;1;Power display decimal places
0-0:96.60.0.255;1;Prepay mode
0-0:1.0.0.255;8;Clock
1-0:15.8.0.255;3;Total active energy;Wh
1-0:15.8.1.255;3;Active energy [TOU 1];Wh
1-0:15.8.2.255;3;Active energy [TOU 2];Wh
1-0:15.8.3.255;3;Active energy [TOU 3];Wh
1-0:15.8.4.255;3;Active energy [TOU 4];Wh
1-0:15.8.0.1;3;Last month active energy;Wh
1-0:15.8.1.1;3;Last month active energy [TOU 1];Wh
1-0:15.8.2.1;3;Last month active energy [TOU 2];Wh
1-0:15.8.3.1;3;Last month active energy [TOU 3];Wh
1-0:15.8.4.1;3;Last month active energy [TOU 4];Wh
1-0:15.8.0.2;3;Last 2 month active energy;Wh
1-0:15.8.1.2;3;Last 2 month active energy [TOU 1];Wh
1-0:15.8.2.2;3;Last 2 month active energy [TOU 2];Wh
1-0:15.8.3.2;3;Last 2 month active energy [TOU 3];Wh
1-0:15.8.4.2;3;Last 2 month active energy [TOU 4];Wh
1-0:15.8.0.3;3;Last 3 month active energy;Wh
1-0:15.8.1.3;3;Last 3 month active energy [TOU 1];Wh
1-0:15.8.2.3;3;Last 3 month active energy [TOU 2];Wh
1-0:15.8.3.3;3;Last 3 month active energy [TOU 3];Wh
1-0:15.8.4.3;3;Last 3 month active energy [TOU 4];Wh
1-0:15.8.0.4;3;Last 4 month active energy;Wh
1-0:15.8.1.4;3;Last 4 month active energy [TOU 1];Wh
1-0:15.8.2.4;3;Last 4 month active energy [TOU 2];Wh
1-0:15.8.3.4;3;Last 4 month active energy [TOU 3];Wh
1-0:15.8.4.4;3;Last 4 month active energy [TOU 4];Wh
1-0:15.8.0.5;3;Last 5 month active energy;Wh
1-0:15.8.1.5;3;Last 5 month active energy [TOU 1];Wh
1-0:15.8.2.5;3;Last 5 month active energy [TOU 2];Wh
1-0:15.8.3.5;3;Last 5 month active energy [TOU 3];Wh
1-0:15.8.4.5;3;Last 5 month active energy [TOU 4];Wh
1-0:15.8.0.6;3;Last 6 month active energy;Wh
1-0:15.8.1.6;3;Last 6 month active energy [TOU 1];Wh
1-0:15.8.2.6;3;Last 6 month active energy [TOU 2];Wh
1-0:15.8.3.6;3;Last 6 month active energy [TOU 3];Wh
1-0:15.8.4.6;3;Last 6 month active energy [TOU 4];Wh
1-0:15.8.0.7;3;Last 7 month active energy;Wh
1-0:15.8.1.7;3;Last 7 month active energy [TOU 1];Wh
1-0:15.8.2.7;3;Last 7 month active energy [TOU 2];Wh
1-0:15.8.3.7;3;Last 7 month active energy [TOU 3];Wh
1-0:15.8.4.7;3;Last 7 month active energy [TOU 4];Wh
1-0:15.8.0.8;3;Last 8 month active energy;Wh
1-0:15.8.1.8;3;Last 8 month active energy [TOU 1];Wh
1-0:15.8.2.8;3;Last 8 month active energy [TOU 2];Wh
1-0:15.8.3.8;3;Last 8 month active energy [TOU 3];Wh
1-0:15.8.4.8;3;Last 8 month active energy [TOU 4];Wh
1-0:15.8.0.9;3;Last 9 month active energy;Wh
1-0:15.8.1.9;3;Last 9 month active energy [TOU 1];Wh
1-0:15.8.2.9;3;Last 9 month active energy [TOU 2];Wh
1-0:15.8.3.9;3;Last 9 month active energy [TOU 3];Wh
1-0:15.8.4.9;3;Last 9 month active energy [TOU 4];Wh
1-0:15.8.0.10;3;Last 10 month active energy;Wh
1-0:15.8.1.10;3;Last 10 month active energy [TOU 1];Wh
1-0:15.8.2.10;3;Last 10 month active energy [TOU 2];Wh
1-0:15.8.3.10;3;Last 10 month active energy [TOU 3];Wh
1-0:15.8.4.10;3;Last 10 month active energy [TOU 4];Wh
1-0:15.8.0.11;3;Last 11 month active energy;Wh
1-0:15.8.1.11;3;Last 11 month active energy [TOU 1];Wh
1-0:15.8.2.11;3;Last 11 month active energy [TOU 2];Wh
1-0:15.8.3.11;3;Last 11 month active energy [TOU 3];Wh
1-0:15.8.4.11;3;Last 11 month active energy [TOU 4];Wh
1-0:15.8.0.12;3;Last 12 month active energy;Wh
1-0:15.8.1.12;3;Last 12 month active energy [TOU 1];Wh
1-0:15.8.2.12;3;Last 12 month active energy [TOU 2];Wh
1-0:15.8.3.12;3;Last 12 month active energy [TOU 3];Wh
1-0:15.8.4.12;3;Last 12 month active energy [TOU 4];Wh
1-0:1.8.0.255;3;Total import active energy;Wh
1-0:1.8.1.255;3;Import active energy [TOU 1];Wh
1-0:1.8.2.255;3;Import active energy [TOU 2];Wh
1-0:1.8.3.255;3;Import active energy [TOU 3];Wh
1-0:1.8.4.255;3;Import active energy [TOU 4];Wh
1-0:1.8.0.1;3;Last month total import active energy;Wh
1-0:1.8.1.1;3;Last month import active energy [TOU 1];Wh
1-0:1.8.2.1;3;Last month import active energy [TOU 2];Wh
1-0:1.8.3.1;3;Last month import active energy [TOU 3];Wh
1-0:1.8.4.1;3;Last month import active energy [TOU 4];Wh
1-0:1.8.0.2;3;Last 2 month total import active energy;Wh
1-0:1.8.1.2;3;Last 2 month import active energy [TOU 1];Wh
1-0:1.8.2.2;3;Last 2 month import active energy [TOU 2];Wh
1-0:1.8.3.2;3;Last 2 month import active energy [TOU 3];Wh
1-0:1.8.4.2;3;Last 2 month import active energy [TOU 4];Wh
1-0:1.8.0.3;3;Last 3 month total import active energy;Wh
1-0:1.8.1.3;3;Last 3 month import active energy [TOU 1];Wh
1-0:1.8.2.3;3;Last 3 month import active energy [TOU 2];Wh
1-0:1.8.3.3;3;Last 3 month import active energy [TOU 3];Wh
1-0:1.8.4.3;3;Last 3 month import active energy [TOU 4];Wh
1-0:1.8.0.4;3;Last 4 month total import active energy;Wh
1-0:1.8.1.4;3;Last 4 month import active energy [TOU 1];Wh
1-0:1.8.2.4;3;Last 4 month import active energy [TOU 2];Wh
1-0:1.8.3.4;3;Last 4 month import active energy [TOU 3];Wh
1-0:1.8.4.4;3;Last 4 month import active energy [TOU 4];Wh
1-0:1.8.0.5;3;Last 5 month total import active energy;Wh
1-0:1.8.1.5;3;Last 5 month import active energy [TOU 1];Wh
1-0:1.8.2.5;3;Last 5 month import active energy [TOU 2];Wh
1-0:1.8.3.5;3;Last 5 month import active energy [TOU 3];Wh
1-0:1.8.4.5;3;Last 5 month import active energy [TOU 4];Wh
1-0:1.8.0.6;3;Last 6 month total import active energy;Wh
1-0:1.8.1.6;3;Last 6 month import active energy [TOU 1];Wh
1-0:1.8.2.6;3;Last 6 month import active energy [TOU 2];Wh
1-0:1.8.3.6;3;Last 6 month import active energy [TOU 3];Wh
1-0:1.8.4.6;3;Last 6 month import active energy [TOU 4];Wh
1-0:1.8.0.7;3;Last 7 month total import active energy;Wh
1-0:1.8.1.7;3;Last 7 month import active energy [TOU 1];Wh
1-0:1.8.2.7;3;Last 7 month import active energy [TOU 2];Wh
1-0:1.8.3.7;3;Last 7 month import active energy [TOU 3];Wh
1-0:1.8.4.7;3;Last 7 month import active energy [TOU 4];Wh
1-0:1.8.0.8;3;Last 8 month total import active energy;Wh
1-0:1.8.1.8;3;Last 8 month import active energy [TOU 1];Wh
1-0:1.8.2.8;3;Last 8 month import active energy [TOU 2];Wh
1-0:1.8.3.8;3;Last 8 month import active energy [TOU 3];Wh
1-0:1.8.4.8;3;Last 8 month import active energy [TOU 4];Wh
1-0:1.8.0.9;3;Last 9 month total import active energy;Wh
1-0:1.8.1.9;3;Last 9 month import active energy [TOU 1];Wh
1-0:1.8.2.9;3;Last 9 month import active energy [TOU 2];Wh
1-0:1.8.3.9;3;Last 9 month import active energy [TOU 3];Wh
1-0:1.8.4.9;3;Last 9 month import active energy [TOU 4];Wh
1-0:1.8.0.10;3;Last 10 month total import active energy;Wh
1-0:1.8.1.10;3;Last 10 month import active energy [TOU 1];Wh
1-0:1.8.2.10;3;Last 10 month import active energy [TOU 2];Wh
1-0:1.8.3.10;3;Last 10 month import active energy [TOU 3];Wh
1-0:1.8.4.10;3;Last 10 month import active energy [TOU 4];Wh
1-0:1.8.0.11;3;Last 11 month total import active energy;Wh
1-0:1.8.1.11;3;Last 11 month import active energy [TOU 1];Wh
1-0:1.8.2.11;3;Last 11 month import active energy [TOU 2];Wh
1-0:1.8.3.11;3;Last 11 month import active energy [TOU 3];Wh
1-0:1.8.4.11;3;Last 11 month import active energy [TOU 4];Wh
1-0:1.8.0.12;3;Last 12 month total import active energy;Wh
1-0:1.8.1.12;3;Last 12 month import active energy [TOU 1];Wh
1-0:1.8.2.12;3;Last 12 month import active energy [TOU 2];Wh
1-0:1.8.3.12;3;Last 12 month import active energy [TOU 3];Wh
1-0:1.8.4.12;3;Last 12 month import active energy [TOU 4];Wh
1-0:2.8.0.255;3;Total export active energy;Wh
1-0:2.8.1.255;3;Export active energy [TOU 1];Wh
1-0:2.8.2.255;3;Export active energy [TOU 2];Wh
1-0:2.8.3.255;3;Export active energy [TOU 3];Wh
1-0:2.8.4.255;3;Export active energy [TOU 4];Wh
1-0:2.8.0.1;3;Last month total export active energy;Wh
1-0:2.8.1.1;3;Last month export active energy [TOU 1];Wh
1-0:2.8.2.1;3;Last month export active energy [TOU 2];Wh
1-0:2.8.3.1;3;Last month export active energy [TOU 3];Wh
1-0:2.8.4.1;3;Last month export active energy [TOU 4];Wh
1-0:2.8.0.2;3;Last 2 month total export active energy;Wh
1-0:2.8.1.2;3;Last 2 month export active energy [TOU 1];Wh
1-0:2.8.2.2;3;Last 2 month export active energy [TOU 2];Wh
1-0:2.8.3.2;3;Last 2 month export active energy [TOU 3];Wh
1-0:2.8.4.2;3;Last 2 month export active energy [TOU 4];Wh
1-0:2.8.0.3;3;Last 3 month total export active energy;Wh
1-0:2.8.1.3;3;Last 3 month export active energy [TOU 1];Wh
1-0:2.8.2.3;3;Last 3 month export active energy [TOU 2];Wh
1-0:2.8.3.3;3;Last 3 month export active energy [TOU 3];Wh
1-0:2.8.4.3;3;Last 3 month export active energy [TOU 4];Wh
1-0:2.8.0.4;3;Last 4 month total export active energy;Wh
1-0:2.8.1.4;3;Last 4 month export active energy [TOU 1];Wh
1-0:2.8.2.4;3;Last 4 month export active energy [TOU 2];Wh
1-0:2.8.3.4;3;Last 4 month export active energy [TOU 3];Wh
1-0:2.8.4.4;3;Last 4 month export active energy [TOU 4];Wh
1-0:2.8.0.5;3;Last 5 month total export active energy;Wh
1-0:2.8.1.5;3;Last 5 month export active energy [TOU 1];Wh
1-0:2.8.2.5;3;Last 5 month export active energy [TOU 2];Wh
1-0:2.8.3.5;3;Last 5 month export active energy [TOU 3];Wh
1-0:2.8.4.5;3;Last 5 month export active energy [TOU 4];Wh
1-0:2.8.0.6;3;Last 6 month total export active energy;Wh
1-0:2.8.1.6;3;Last 6 month export active energy [TOU 1];Wh
1-0:2.8.2.6;3;Last 6 month export active energy [TOU 2];Wh
1-0:2.8.3.6;3;Last 6 month export active energy [TOU 3];Wh
1-0:2.8.4.6;3;Last 6 month export active energy [TOU 4];Wh
1-0:2.8.0.7;3;Last 7 month total export active energy;Wh
1-0:2.8.1.7;3;Last 7 month export active energy [TOU 1];Wh
1-0:2.8.2.7;3;Last 7 month export active energy [TOU 2];Wh
1-0:2.8.3.7;3;Last 7 month export active energy [TOU 3];Wh
1-0:2.8.4.7;3;Last 7 month export active energy [TOU 4];Wh
1-0:2.8.0.8;3;Last 8 month total export active energy;Wh
1-0:2.8.1.8;3;Last 8 month export active energy [TOU 1];Wh
1-0:2.8.2.8;3;Last 8 month export active energy [TOU 2];Wh
1-0:2.8.3.8;3;Last 8 month export active energy [TOU 3];Wh
1-0:2.8.4.8;3;Last 8 month export active energy [TOU 4];Wh
1-0:2.8.0.9;3;Last 9 month total export active energy;Wh
1-0:2.8.1.9;3;Last 9 month export active energy [TOU 1];Wh
1-0:2.8.2.9;3;Last 9 month export active energy [TOU 2];Wh
1-0:2.8.3.9;3;Last 9 month export active energy [TOU 3];Wh
1-0:2.8.4.9;3;Last 9 month export active energy [TOU 4];Wh
1-0:2.8.0.10;3;Last 10 month total export active energy;Wh
1-0:2.8.1.10;3;Last 10 month export active energy [TOU 1];Wh
1-0:2.8.2.10;3;Last 10 month export active energy [TOU 2];Wh
1-0:2.8.3.10;3;Last 10 month export active energy [TOU 3];Wh
1-0:2.8.4.10;3;Last 10 month export active energy [TOU 4];Wh
1-0:2.8.0.11;3;Last 11 month total export active energy;Wh
1-0:2.8.1.11;3;Last 11 month export active energy [TOU 1];Wh
1-0:2.8.2.11;3;Last 11 month export active energy [TOU 2];Wh
1-0:2.8.3.11;3;Last 11 month export active energy [TOU 3];Wh
1-0:2.8.4.11;3;Last 11 month export active energy [TOU 4];Wh
1-0:2.8.0.12;3;Last 12 month total export active energy;Wh
1-0:2.8.1.12;3;Last 12 month export active energy [TOU 1];Wh
1-0:2.8.2.12;3;Last 12 month export active energy [TOU 2];Wh
1-0:2.8.3.12;3;Last 12 month export active energy [TOU 3];Wh
1-0:2.8.4.12;3;Last 12 month export active energy [TOU 4];Wh
1-0:93.8.0.255;;Total reactive energy;varh
1-0:93.8.1.255;;Reactive energy [TOU 1];varh
1-0:93.8.2.255;;Reactive energy [TOU 2];varh
1-0:93.8.3.255;;Reactive energy [TOU 3];varh
1-0:93.8.4.255;;Reactive energy [TOU 4];varh
1-0:93.8.0.1;;Last month reactive energy;varh
1-0:93.8.1.1;;Last month reactive energy [TOU 1];varh
1-0:93.8.2.1;;Last month reactive energy [TOU 2];varh
1-0:93.8.3.1;;Last month reactive energy [TOU 3];varh
1-0:93.8.4.1;;Last month reactive energy [TOU 4];varh
1-0:93.8.0.2;;Last 2 month reactive energy;varh
1-0:93.8.1.2;;Last 2 month reactive energy [TOU 1];varh
1-0:93.8.2.2;;Last 2 month reactive energy [TOU 2];varh
1-0:93.8.3.2;;Last 2 month reactive energy [TOU 3];varh
1-0:93.8.4.2;;Last 2 month reactive energy [TOU 4];varh
1-0:93.8.0.3;;Last 3 month reactive energy;varh
1-0:93.8.1.3;;Last 3 month reactive energy [TOU 1];varh
1-0:93.8.2.3;;Last 3 month reactive energy [TOU 2];varh
1-0:93.8.3.3;;Last 3 month reactive energy [TOU 3];varh
1-0:93.8.4.3;;Last 3 month reactive energy [TOU 4];varh
1-0:93.8.0.4;;Last 4 month reactive energy;varh
1-0:93.8.1.4;;Last 4 month reactive energy [TOU 1];varh
1-0:93.8.2.4;;Last 4 month reactive energy [TOU 2];varh
1-0:93.8.3.4;;Last 4 month reactive energy [TOU 3];varh
1-0:93.8.4.4;;Last 4 month reactive energy [TOU 4];varh
1-0:93.8.0.5;;Last 5 month reactive energy;varh
1-0:93.8.1.5;;Last 5 month reactive energy [TOU 1];varh
1-0:93.8.2.5;;Last 5 month reactive energy [TOU 2];varh
1-0:93.8.3.5;;Last 5 month reactive energy [TOU 3];varh
1-0:93.8.4.5;;Last 5 month reactive energy [TOU 4];varh
1-0:93.8.0.6;;Last 6 month reactive energy;varh
1-0:93.8.1.6;;Last 6 month reactive energy [TOU 1];varh
1-0:93.8.2.6;;Last 6 month reactive energy [TOU 2];varh
1-0:93.8.3.6;;Last 6 month reactive energy [TOU 3];varh
1-0:93.8.4.6;;Last 6 month reactive energy [TOU 4];varh
1-0:93.8.0.7;;Last 7 month reactive energy;varh
1-0:93.8.1.7;;Last 7 month reactive energy [TOU 1];varh
1-0:93.8.2.7;;Last 7 month reactive energy [TOU 2];varh
1-0:93.8.3.7;;Last 7 month reactive energy [TOU 3];varh
1-0:93.8.4.7;;Last 7 month reactive energy [TOU 4];varh
1-0:93.8.0.8;;Last 8 month reactive energy;varh
1-0:93.8.1.8;;Last 8 month reactive energy [TOU 1];varh
1-0:93.8.2.8;;Last 8 month reactive energy [TOU 2];varh
1-0:93.8.3.8;;Last 8 month reactive energy [TOU 3];varh
1-0:93.8.4.8;;Last 8 month reactive energy [TOU 4];varh
1-0:93.8.0.9;;Last 9 month reactive energy;varh
1-0:93.8.1.9;;Last 9 month reactive energy [TOU 1];varh
1-0:93.8.2.9;;Last 9 month reactive energy [TOU 2];varh
1-0:93.8.3.9;;Last 9 month reactive energy [TOU 3];varh
1-0:93.8.4.9;;Last 9 month reactive energy [TOU 4];varh
1-0:93.8.0.10;;Last 10 month reactive energy;varh
1-0:93.8.1.10;;Last 10 month reactive energy [TOU 1];varh
1-0:93.8.2.10;;Last 10 month reactive energy [TOU 2];varh
1-0:93.8.3.10;;Last 10 month reactive energy [TOU 3];varh
1-0:93.8.4.10;;Last 10 month reactive energy [TOU 4];varh
1-0:93.8.0.11;;Last 11 month reactive energy;varh
1-0:93.8.1.11;;Last 11 month reactive energy [TOU 1];varh
1-0:93.8.2.11;;Last 11 month reactive energy [TOU 2];varh
1-0:93.8.3.11;;Last 11 month reactive energy [TOU 3];varh
1-0:93.8.4.11;;Last 11 month reactive energy [TOU 4];varh
1-0:93.8.0.12;;Last 12 month reactive energy;varh
1-0:93.8.1.12;;Last 12 month reactive energy [TOU 1];varh
1-0:93.8.2.12;;Last 12 month reactive energy [TOU 2];varh
1-0:93.8.3.12;;Last 12 month reactive energy [TOU 3];varh
1-0:93.8.4.12;;Last 12 month reactive energy [TOU 4];varh
1-0:3.8.0.255;3;Total import reactive energy;varh
1-0:3.8.1.255;3;Import reactive energy [TOU 1];varh
1-0:3.8.2.255;3;Import reactive energy [TOU 2];varh
1-0:3.8.3.255;3;Import reactive energy [TOU 3];varh
1-0:3.8.4.255;3;Import reactive energy [TOU 4];varh
1-0:3.8.0.1;3;Last month total import reactive energy;varh
1-0:3.8.1.1;3;Last month import reactive energy [TOU 1];varh
1-0:3.8.2.1;3;Last month import reactive energy [TOU 2];varh
1-0:3.8.3.1;3;Last month import reactive energy [TOU 3];varh
1-0:3.8.4.1;3;Last month import reactive energy [TOU 4];varh
1-0:3.8.0.2;3;Last 2 month total import reactive energy;varh
1-0:3.8.1.2;3;Last 2 month import reactive energy [TOU 1];varh
1-0:3.8.2.2;3;Last 2 month import reactive energy [TOU 2];varh
1-0:3.8.3.2;3;Last 2 month import reactive energy [TOU 3];varh
1-0:3.8.4.2;3;Last 2 month import reactive energy [TOU 4];varh
1-0:3.8.0.3;3;Last 3 month total import reactive energy;varh
1-0:3.8.1.3;3;Last 3 month import reactive energy [TOU 1];varh
1-0:3.8.2.3;3;Last 3 month import reactive energy [TOU 2];varh
1-0:3.8.3.3;3;Last 3 month import reactive energy [TOU 3];varh
1-0:3.8.4.3;3;Last 3 month import reactive energy [TOU 4];varh
1-0:3.8.0.4;3;Last 4 month total import reactive energy;varh
1-0:3.8.1.4;3;Last 4 month import reactive energy [TOU 1];varh
1-0:3.8.2.4;3;Last 4 month import reactive energy [TOU 2];varh
1-0:3.8.3.4;3;Last 4 month import reactive energy [TOU 3];varh
1-0:3.8.4.4;3;Last 4 month import reactive energy [TOU 4];varh
1-0:3.8.0.5;3;Last 5 month total import reactive energy;varh
1-0:3.8.1.5;3;Last 5 month import reactive energy [TOU 1];varh
1-0:3.8.2.5;3;Last 5 month import reactive energy [TOU 2];varh
1-0:3.8.3.5;3;Last 5 month import reactive energy [TOU 3];varh
1-0:3.8.4.5;3;Last 5 month import reactive energy [TOU 4];varh
1-0:3.8.0.6;3;Last 6 month total import reactive energy;varh
1-0:3.8.1.6;3;Last 6 month import reactive energy [TOU 1];varh
1-0:3.8.2.6;3;Last 6 month import reactive energy [TOU 2];varh
1-0:3.8.3.6;3;Last 6 month import reactive energy [TOU 3];varh
1-0:3.8.4.6;3;Last 6 month import reactive energy [TOU 4];varh
1-0:3.8.0.7;3;Last 7 month total import reactive energy;varh
1-0:3.8.1.7;3;Last 7 month import reactive energy [TOU 1];varh
1-0:3.8.2.7;3;Last 7 month import reactive energy [TOU 2];varh
1-0:3.8.3.7;3;Last 7 month import reactive energy [TOU 3];varh
1-0:3.8.4.7;3;Last 7 month import reactive energy [TOU 4];varh
1-0:3.8.0.8;3;Last 8 month total import reactive energy;varh
1-0:3.8.1.8;3;Last 8 month import reactive energy [TOU 1];varh
1-0:3.8.2.8;3;Last 8 month import reactive energy [TOU 2];varh
1-0:3.8.3.8;3;Last 8 month import reactive energy [TOU 3];varh
1-0:3.8.4.8;3;Last 8 month import reactive energy [TOU 4];varh
1-0:3.8.0.9;3;Last 9 month total import reactive energy;varh
1-0:3.8.1.9;3;Last 9 month import reactive energy [TOU 1];varh
1-0:3.8.2.9;3;Last 9 month import reactive energy [TOU 2];varh
1-0:3.8.3.9;3;Last 9 month import reactive energy [TOU 3];varh
1-0:3.8.4.9;3;Last 9 month import reactive energy [TOU 4];varh
1-0:3.8.0.10;3;Last 10 month total import reactive energy;varh
1-0:3.8.1.10;3;Last 10 month import reactive energy [TOU 1];varh
1-0:3.8.2.10;3;Last 10 month import reactive energy [TOU 2];varh
1-0:3.8.3.10;3;Last 10 month import reactive energy [TOU 3];varh
1-0:3.8.4.10;3;Last 10 month import reactive energy [TOU 4];varh
1-0:3.8.0.11;3;Last 11 month total import reactive energy;varh
1-0:3.8.1.11;3;Last 11 month import reactive energy [TOU 1];varh
1-0:3.8.2.11;3;Last 11 month import reactive energy [TOU 2];varh
1-0:3.8.3.11;3;Last 11 month import reactive energy [TOU 3];varh
1-0:3.8.4.11;3;Last 11 month import reactive energy [TOU 4];varh
1-0:3.8.0.12;3;Last 12 month total import reactive energy;varh
1-0:3.8.1.12;3;Last 12 month import reactive energy [TOU 1];varh
1-0:3.8.2.12;3;Last 12 month import reactive energy [TOU 2];varh
1-0:3.8.3.12;3;Last 12 month import reactive energy [TOU 3];varh
1-0:3.8.4.12;3;Last 12 month import reactive energy [TOU 4];varh
1-0:4.8.0.255;3;Total export reactive energy;varh
1-0:4.8.1.255;3;Export reactive energy [TOU 1];varh
1-0:4.8.2.255;3;Export reactive energy [TOU 2];varh
1-0:4.8.3.255;3;Export reactive energy [TOU 3];varh
1-0:4.8.4.255;3;Export reactive energy [TOU 4];varh
1-0:4.8.0.1;3;Last month total export reactive energy;varh
1-0:4.8.1.1;3;Last month export reactive energy [TOU 1];varh
1-0:4.8.2.1;3;Last month export reactive energy [TOU 2];varh
1-0:4.8.3.1;3;Last month export reactive energy [TOU 3];varh
1-0:4.8.4.1;3;Last month export reactive energy [TOU 4];varh
1-0:4.8.0.2;3;Last 2 month total export reactive energy;varh
1-0:4.8.1.2;3;Last 2 month export reactive energy [TOU 1];varh
1-0:4.8.2.2;3;Last 2 month export reactive energy [TOU 2];varh
1-0:4.8.3.2;3;Last 2 month export reactive energy [TOU 3];varh
1-0:4.8.4.2;3;Last 2 month export reactive energy [TOU 4];varh
1-0:4.8.0.3;3;Last 3 month total export reactive energy;varh
1-0:4.8.1.3;3;Last 3 month export reactive energy [TOU 1];varh
1-0:4.8.2.3;3;Last 3 month export reactive energy [TOU 2];varh
1-0:4.8.3.3;3;Last 3 month export reactive energy [TOU 3];varh
1-0:4.8.4.3;3;Last 3 month export reactive energy [TOU 4];varh
1-0:4.8.0.4;3;Last 4 month total export reactive energy;varh
1-0:4.8.1.4;3;Last 4 month export reactive energy [TOU 1];varh
1-0:4.8.2.4;3;Last 4 month export reactive energy [TOU 2];varh
1-0:4.8.3.4;3;Last 4 month export reactive energy [TOU 3];varh
1-0:4.8.4.4;3;Last 4 month export reactive energy [TOU 4];varh
1-0:4.8.0.5;3;Last 5 month total export reactive energy;varh
1-0:4.8.1.5;3;Last 5 month export reactive energy [TOU 1];varh
1-0:4.8.2.5;3;Last 5 month export reactive energy [TOU 2];varh
1-0:4.8.3.5;3;Last 5 month export reactive energy [TOU 3];varh
1-0:4.8.4.5;3;Last 5 month export reactive energy [TOU 4];varh
1-0:4.8.0.6;3;Last 6 month total export reactive energy;varh
1-0:4.8.1.6;3;Last 6 month export reactive energy [TOU 1];varh
1-0:4.8.2.6;3;Last 6 month export reactive energy [TOU 2];varh
1-0:4.8.3.6;3;Last 6 month export reactive energy [TOU 3];varh
1-0:4.8.4.6;3;Last 6 month export reactive energy [TOU 4];varh
1-0:4.8.0.7;3;Last 7 month total export reactive energy;varh
1-0:4.8.1.7;3;Last 7 month export reactive energy [TOU 1];varh
1-0:4.8.2.7;3;Last 7 month export reactive energy [TOU 2];varh
1-0:4.8.3.7;3;Last 7 month export reactive energy [TOU 3];varh
1-0:4.8.4.7;3;Last 7 month export reactive energy [TOU 4];varh
1-0:4.8.0.8;3;Last 8 month total export reactive energy;varh
1-0:4.8.1.8;3;Last 8 month export reactive energy [TOU 1];varh
1-0:4.8.2.8;3;Last 8 month export reactive energy [TOU 2];varh
1-0:4.8.3.8;3;Last 8 month export reactive energy [TOU 3];varh
1-0:4.8.4.8;3;Last 8 month export reactive energy [TOU 4];varh
1-0:4.8.0.9;3;Last 9 month total export reactive energy;varh
1-0:4.8.1.9;3;Last 9 month export reactive energy [TOU 1];varh
1-0:4.8.2.9;3;Last 9 month export reactive energy [TOU 2];varh
1-0:4.8.3.9;3;Last 9 month export reactive energy [TOU 3];varh
1-0:4.8.4.9;3;Last 9 month export reactive energy [TOU 4];varh
1-0:4.8.0.10;3;Last 10 month total export reactive energy;varh
1-0:4.8.1.10;3;Last 10 month export reactive energy [TOU 1];varh
1-0:4.8.2.10;3;Last 10 month export reactive energy [TOU 2];varh
1-0:4.8.3.10;3;Last 10 month export reactive energy [TOU 3];varh
1-0:4.8.4.10;3;Last 10 month export reactive energy [TOU 4];varh
1-0:4.8.0.11;3;Last 11 month total export reactive energy;varh
1-0:4.8.1.11;3;Last 11 month export reactive energy [TOU 1];varh
1-0:4.8.2.11;3;Last 11 month export reactive energy [TOU 2];varh
1-0:4.8.3.11;3;Last 11 month export reactive energy [TOU 3];varh
1-0:4.8.4.11;3;Last 11 month export reactive energy [TOU 4];varh
1-0:4.8.0.12;3;Last 12 month total export reactive energy;varh
1-0:4.8.1.12;3;Last 12 month export reactive energy [TOU 1];varh
1-0:4.8.2.12;3;Last 12 month export reactive energy [TOU 2];varh
1-0:4.8.3.12;3;Last 12 month export reactive energy [TOU 3];varh
1-0:4.8.4.12;3;Last 12 month export reactive energy [TOU 4];varh
1-0:9.8.0.255;3;Total apparent energy;VAh
1-0:9.8.1.255;3;Apparent energy [TOU 1];VAh
1-0:9.8.2.255;3;Apparent energy [TOU 1];VAh
1-0:9.8.3.255;3;Apparent energy [TOU 1];VAh
1-0:9.8.4.255;3;Apparent energy [TOU 1];VAh
1-0:9.8.0.1;3;Last month total apparent energy;VAh
1-0:9.8.1.1;3;Last month apparent energy [TOU 1];VAh
1-0:9.8.2.1;3;Last month apparent energy [TOU 2];VAh
1-0:9.8.3.1;3;Last month apparent energy [TOU 3];VAh
1-0:9.8.4.1;3;Last month apparent energy [TOU 4];VAh
1-0:9.8.0.2;3;Last 2 month total apparent energy;VAh
1-0:9.8.1.2;3;Last 2 month apparent energy [TOU 1];VAh
1-0:9.8.2.2;3;Last 2 month apparent energy [TOU 2];VAh
1-0:9.8.3.2;3;Last 2 month apparent energy [TOU 3];VAh
1-0:9.8.4.2;3;Last 2 month apparent energy [TOU 4];VAh
1-0:9.8.0.3;3;Last 3 month total apparent energy;VAh
1-0:9.8.1.3;3;Last 3 month apparent energy [TOU 1];VAh
1-0:9.8.2.3;3;Last 3 month apparent energy [TOU 2];VAh
1-0:9.8.3.3;3;Last 3 month apparent energy [TOU 3];VAh
1-0:9.8.4.3;3;Last 3 month apparent energy [TOU 4];VAh
1-0:9.8.0.4;3;Last 4 month total apparent energy;VAh
1-0:9.8.1.4;3;Last 4 month apparent energy [TOU 1];VAh
1-0:9.8.2.4;3;Last 4 month apparent energy [TOU 2];VAh
1-0:9.8.3.4;3;Last 4 month apparent energy [TOU 3];VAh
1-0:9.8.4.4;3;Last 4 month apparent energy [TOU 4];VAh
1-0:9.8.0.5;3;Last 5 month total apparent energy;VAh
1-0:9.8.1.5;3;Last 5 month apparent energy [TOU 1];VAh
1-0:9.8.2.5;3;Last 5 month apparent energy [TOU 2];VAh
1-0:9.8.3.5;3;Last 5 month apparent energy [TOU 3];VAh
1-0:9.8.4.5;3;Last 5 month apparent energy [TOU 4];VAh
1-0:9.8.0.6;3;Last 6 month total apparent energy;VAh
1-0:9.8.1.6;3;Last 6 month apparent energy [TOU 1];VAh
1-0:9.8.2.6;3;Last 6 month apparent energy [TOU 2];VAh
1-0:9.8.3.6;3;Last 6 month apparent energy [TOU 3];VAh
1-0:9.8.4.6;3;Last 6 month apparent energy [TOU 4];VAh
1-0:9.8.0.7;3;Last 7 month total apparent energy;VAh
1-0:9.8.1.7;3;Last 7 month apparent energy [TOU 1];VAh
1-0:9.8.2.7;3;Last 7 month apparent energy [TOU 2];VAh
1-0:9.8.3.7;3;Last 7 month apparent energy [TOU 3];VAh
1-0:9.8.4.7;3;Last 7 month apparent energy [TOU 4];VAh
1-0:9.8.0.8;3;Last 8 month total apparent energy;VAh
1-0:9.8.1.8;3;Last 8 month apparent energy [TOU 1];VAh
1-0:9.8.2.8;3;Last 8 month apparent energy [TOU 2];VAh
1-0:9.8.3.8;3;Last 8 month apparent energy [TOU 3];VAh
1-0:9.8.4.8;3;Last 8 month apparent energy [TOU 4];VAh
1-0:9.8.0.9;3;Last 9 month total apparent energy;VAh
1-0:9.8.1.9;3;Last 9 month apparent energy [TOU 1];VAh
1-0:9.8.2.9;3;Last 9 month apparent energy [TOU 2];VAh
1-0:9.8.3.9;3;Last 9 month apparent energy [TOU 3];VAh
1-0:9.8.4.9;3;Last 9 month apparent energy [TOU 4];VAh
1-0:9.8.0.10;3;Last 10 month total apparent energy;VAh
1-0:9.8.1.10;3;Last 10 month apparent energy [TOU 1];VAh
1-0:9.8.2.10;3;Last 10 month apparent energy [TOU 2];VAh
1-0:9.8.3.10;3;Last 10 month apparent energy [TOU 3];VAh
1-0:9.8.4.10;3;Last 10 month apparent energy [TOU 4];VAh
1-0:9.8.0.11;3;Last 11 month total apparent energy;VAh
1-0:9.8.1.11;3;Last 11 month apparent energy [TOU 1];VAh
1-0:9.8.2.11;3;Last 11 month apparent energy [TOU 2];VAh
1-0:9.8.3.11;3;Last 11 month apparent energy [TOU 3];VAh
1-0:9.8.4.12;3;Last 11 month apparent energy [TOU 4];VAh
1-0:9.8.0.12;3;Last 12 month total apparent energy;VAh
1-0:9.8.1.12;3;Last 12 month apparent energy [TOU 1];VAh
1-0:9.8.2.12;3;Last 12 month apparent energy [TOU 2];VAh
1-0:9.8.3.12;3;Last 12 month apparent energy [TOU 3];VAh
1-0:1.6.0.255;4;Total import active MD (kW) /(Datetime);W
1-0:1.6.1.255;4;T1 import active MD (kW) /(Datetime);W
1-0:1.6.2.255;4;T2 import active MD (kW) /(Datetime);W
1-0:1.6.3.255;4;T3 import active MD (kW) /(Datetime);W
1-0:1.6.4.255;4;T4 import active MD (kW) /(Datetime);W
1-0:1.6.0.1;4;Last 1 month total import active MD (kW) /(Datetime);W
1-0:1.6.1.1;4;Last 1 month T1 import active MD (kW) /(Datetime);W
1-0:1.6.2.1;4;Last 1 month T2 import active MD (kW) /(Datetime);W
1-0:1.6.3.1;4;Last 1 month T3 import active MD (kW) /(Datetime);W
1-0:1.6.4.1;4;Last 1 month T4 import active MD (kW) /(Datetime);W
1-0:1.6.0.2;4;Last 2 month total import active MD (kW) /(Datetime);W
1-0:1.6.1.2;4;Last 2 month T1 import active MD (kW) /(Datetime);W
1-0:1.6.2.2;4;Last 2 month T2 import active MD (kW) /(Datetime);W
1-0:1.6.3.2;4;Last 2 month T3 import active MD (kW) /(Datetime);W
1-0:1.6.4.2;4;Last 2 month T4 import active MD (kW) /(Datetime);W
1-0:1.6.0.3;4;Last 3 month total import active MD (kW) /(Datetime);W
1-0:1.6.1.3;4;Last 3 month T1 import active MD (kW) /(Datetime);W
1-0:1.6.2.3;4;Last 3 month T2 import active MD (kW) /(Datetime);W
1-0:1.6.3.3;4;Last 3 month T3 import active MD (kW) /(Datetime);W
1-0:1.6.4.3;4;Last 3 month T4 import active MD (kW) /(Datetime);W
1-0:1.6.0.4;4;Last 4 month total import active MD (kW) /(Datetime);W
1-0:1.6.1.4;4;Last 4 month T1 import active MD (kW) /(Datetime);W
1-0:1.6.2.4;4;Last 4 month T2 import active MD (kW) /(Datetime);W
1-0:1.6.3.4;4;Last 4 month T3 import active MD (kW) /(Datetime);W
1-0:1.6.4.4;4;Last 4 month T4 import active MD (kW) /(Datetime);W
1-0:1.6.0.5;4;Last 5 month total import active MD (kW) /(Datetime);W
1-0:1.6.1.5;4;Last 5 month T1 import active MD (kW) /(Datetime);W
1-0:1.6.2.5;4;Last 5 month T2 import active MD (kW) /(Datetime);W
1-0:1.6.3.5;4;Last 5 month T3 import active MD (kW) /(Datetime);W
1-0:1.6.4.5;4;Last 5 month T4 import active MD (kW) /(Datetime);W
1-0:1.6.0.6;4;Last 6 month total import active MD (kW) /(Datetime);W
1-0:1.6.1.6;4;Last 6 month T1 import active MD (kW) /(Datetime);W
1-0:1.6.2.6;4;Last 6 month T2 import active MD (kW) /(Datetime);W
1-0:1.6.3.6;4;Last 6 month T3 import active MD (kW) /(Datetime);W
1-0:1.6.4.6;4;Last 6 month T4 import active MD (kW) /(Datetime);W
1-0:1.6.0.7;4;Last 7 month total import active MD (kW) /(Datetime);W
1-0:1.6.1.7;4;Last 7 month T1 import active MD (kW) /(Datetime);W
1-0:1.6.2.7;4;Last 7 month T2 import active MD (kW) /(Datetime);W
1-0:1.6.3.7;4;Last 7 month T3 import active MD (kW) /(Datetime);W
1-0:1.6.4.7;4;Last 7 month T4 import active MD (kW) /(Datetime);W
1-0:1.6.0.8;4;Last 8 month total import active MD (kW) /(Datetime);W
1-0:1.6.1.8;4;Last 8 month T1 import active MD (kW) /(Datetime);W
1-0:1.6.2.8;4;Last 8 month T2 import active MD (kW) /(Datetime);W
1-0:1.6.3.8;4;Last 8 month T3 import active MD (kW) /(Datetime);W
1-0:1.6.4.8;4;Last 8 month T4 import active MD (kW) /(Datetime);W
1-0:1.6.0.9;4;Last 9 month total import active MD (kW) /(Datetime);W
1-0:1.6.1.9;4;Last 9 month T1 import active MD (kW) /(Datetime);W
1-0:1.6.2.9;4;Last 9 month T2 import active MD (kW) /(Datetime);W
1-0:1.6.3.9;4;Last 9 month T3 import active MD (kW) /(Datetime);W
1-0:1.6.4.9;4;Last 9 month T4 import active MD (kW) /(Datetime);W
1-0:1.6.0.10;4;Last 10 month total import active MD (kW) /(Datetime);W
1-0:1.6.1.10;4;Last 10 month T1 import active MD (kW) /(Datetime);W
1-0:1.6.2.10;4;Last 10 month T2 import active MD (kW) /(Datetime);W
1-0:1.6.3.10;4;Last 10 month T3 import active MD (kW) /(Datetime);W
1-0:1.6.4.10;4;Last 10 month T4 import active MD (kW) /(Datetime);W
1-0:1.6.0.11;4;Last 11 month total import active MD (kW) /(Datetime);W
1-0:1.6.1.11;4;Last 11 month T1 import active MD (kW) /(Datetime);W
1-0:1.6.2.11;4;Last 11 month T2 import active MD (kW) /(Datetime);W
1-0:1.6.3.11;4;Last 11 month T3 import active MD (kW) /(Datetime);W
1-0:1.6.4.11;4;Last 11 month T4 import active MD (kW) /(Datetime);W
1-0:1.6.0.12;4;Last 12 month total import active MD (kW) /(Datetime);W
1-0:1.6.1.12;4;Last 12 month T1 import active MD (kW) /(Datetime);W
1-0:1.6.2.12;4;Last 12 month T2 import active MD (kW) /(Datetime);W
1-0:1.6.3.12;4;Last 12 month T3 import active MD (kW) /(Datetime);W
1-0:1.6.4.12;4;Last 12 month T4 import active MD (kW) /(Datetime);W
1-0:3.6.0.255;4;Total import reactive MD (kvar) /(Datetime);var
1-0:3.6.1.255;4;T1 import reactive MD (kvar) /(Datetime);var
1-0:3.6.2.255;4;T2 import reactive MD (kvar) /(Datetime);var
1-0:3.6.3.255;4;T3 import reactive MD (kvar) /(Datetime);var
1-0:3.6.4.255;4;T4 import reactive MD (kvar) /(Datetime);var
1-0:3.6.0.1;4;Last month total import reactive MD (kvar) /(Datetime);var
1-0:3.6.1.1;4;Last month T1 import reactive MD (kvar) /(Datetime);var
1-0:3.6.2.1;4;Last month T2 import reactive MD (kvar) /(Datetime);var
1-0:3.6.3.1;4;Last month T3 import reactive MD (kvar) /(Datetime);var
1-0:3.6.4.1;4;Last month T4 import reactive MD (kvar) /(Datetime);var
1-0:3.6.0.2;4;Last 2 month total import reactive MD (kvar) /(Datetime);var
1-0:3.6.1.2;4;Last 2 month T1 import reactive MD (kvar) /(Datetime);var
1-0:3.6.2.2;4;Last 2 month T2 import reactive MD (kvar) /(Datetime);var
1-0:3.6.3.2;4;Last 2 month T3 import reactive MD (kvar) /(Datetime);var
1-0:3.6.4.2;4;Last 2 month T4 import reactive MD (kvar) /(Datetime);var
1-0:3.6.0.3;4;Last 3 month total import reactive MD (kvar) /(Datetime);var
1-0:3.6.1.3;4;Last 3 month T1 import reactive MD (kvar) /(Datetime);var
1-0:3.6.2.3;4;Last 3 month T2 import reactive MD (kvar) /(Datetime);var
1-0:3.6.3.3;4;Last 3 month T3 import reactive MD (kvar) /(Datetime);var
1-0:3.6.4.3;4;Last 3 month T4 import reactive MD (kvar) /(Datetime);var
1-0:3.6.0.4;4;Last 4 month total import reactive MD (kvar) /(Datetime);var
1-0:3.6.1.4;4;Last 4 month T1 import reactive MD (kvar) /(Datetime);var
1-0:3.6.2.4;4;Last 4 month T2 import reactive MD (kvar) /(Datetime);var
1-0:3.6.3.4;4;Last 4 month T3 import reactive MD (kvar) /(Datetime);var
1-0:3.6.4.4;4;Last 4 month T4 import reactive MD (kvar) /(Datetime);var
1-0:3.6.0.5;4;Last 5 month total import reactive MD (kvar) /(Datetime);var
1-0:3.6.1.5;4;Last 5 month T1 import reactive MD (kvar) /(Datetime);var
1-0:3.6.2.5;4;Last 5 month T2 import reactive MD (kvar) /(Datetime);var
1-0:3.6.3.5;4;Last 5 month T3 import reactive MD (kvar) /(Datetime);var
1-0:3.6.4.5;4;Last 5 month T4 import reactive MD (kvar) /(Datetime);var
1-0:3.6.0.6;4;Last 6 month total import reactive MD (kvar) /(Datetime);var
1-0:3.6.1.6;4;Last 6 month T1 import reactive MD (kvar) /(Datetime);var
1-0:3.6.2.6;4;Last 6 month T2 import reactive MD (kvar) /(Datetime);var
1-0:3.6.3.6;4;Last 6 month T3 import reactive MD (kvar) /(Datetime);var
1-0:3.6.4.6;4;Last 6 month T4 import reactive MD (kvar) /(Datetime);var
1-0:3.6.0.7;4;Last 7 month total import reactive MD (kvar) /(Datetime);var
1-0:3.6.1.7;4;Last 7 month T1 import reactive MD (kvar) /(Datetime);var
1-0:3.6.2.7;4;Last 7 month T2 import reactive MD (kvar) /(Datetime);var
1-0:3.6.3.7;4;Last 7 month T3 import reactive MD (kvar) /(Datetime);var
1-0:3.6.4.7;4;Last 7 month T4 import reactive MD (kvar) /(Datetime);var
1-0:3.6.0.8;4;Last 8 month total import reactive MD (kvar) /(Datetime);var
1-0:3.6.1.8;4;Last 8 month T1 import reactive MD (kvar) /(Datetime);var
1-0:3.6.2.8;4;Last 8 month T2 import reactive MD (kvar) /(Datetime);var
1-0:3.6.3.8;4;Last 8 month T3 import reactive MD (kvar) /(Datetime);var
1-0:3.6.4.8;4;Last 8 month T4 import reactive MD (kvar) /(Datetime);var
1-0:3.6.0.9;4;Last 9 month total import reactive MD (kvar) /(Datetime);var
1-0:3.6.1.9;4;Last 9 month T1 import reactive MD (kvar) /(Datetime);var
1-0:3.6.2.9;4;Last 9 month T2 import reactive MD (kvar) /(Datetime);var
1-0:3.6.3.9;4;Last 9 month T3 import reactive MD (kvar) /(Datetime);var
1-0:3.6.4.9;4;Last 9 month T4 import reactive MD (kvar) /(Datetime);var
1-0:3.6.0.10;4;Last 10 month total import reactive MD (kvar) /(Datetime);var
1-0:3.6.1.10;4;Last 10 month T1 import reactive MD (kvar) /(Datetime);var
1-0:3.6.2.10;4;Last 10 month T2 import reactive MD (kvar) /(Datetime);var
1-0:3.6.3.10;4;Last 10 month T3 import reactive MD (kvar) /(Datetime);var
1-0:3.6.4.10;4;Last 10 month T4 import reactive MD (kvar) /(Datetime);var
1-0:3.6.0.11;4;Last 11 month total import reactive MD (kvar) /(Datetime);var
1-0:3.6.1.11;4;Last 11 month T1 import reactive MD (kvar) /(Datetime);var
1-0:3.6.2.11;4;Last 11 month T2 import reactive MD (kvar) /(Datetime);var
1-0:3.6.3.11;4;Last 11 month T3 import reactive MD (kvar) /(Datetime);var
1-0:3.6.4.11;4;Last 11 month T4 import reactive MD (kvar) /(Datetime);var
1-0:3.6.0.12;4;Last 12 month total import reactive MD (kvar) /(Datetime);var
1-0:3.6.1.12;4;Last 12 month T1 import reactive MD (kvar) /(Datetime);var
1-0:3.6.2.12;4;Last 12 month T2 import reactive MD (kvar) /(Datetime);var
1-0:3.6.3.12;4;Last 12 month T3 import reactive MD (kvar) /(Datetime);var
1-0:3.6.4.12;4;Last 12 month T4 import reactive MD (kvar) /(Datetime);var
1-0:9.6.0.255;4;Total import apparent MD (kVA) /(Datetime);VA
1-0:9.6.1.255;4;T1 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.2.255;4;T2 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.3.255;4;T3 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.4.255;4;T4 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.0.1;4;Last month total import apparent MD (kVA) /(Datetime);VA
1-0:9.6.1.1;4;Last month T1 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.2.1;4;Last month T2 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.3.1;4;Last month T3 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.4.1;4;Last month T4 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.0.2;4;Last 2 month total import apparent MD (kVA) /(Datetime);VA
1-0:9.6.1.2;4;Last 2 month T1 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.2.2;4;Last 2 month T2 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.3.2;4;Last 2 month T3 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.4.2;4;Last 2 month T4 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.0.3;4;Last 3 month total import apparent MD (kVA) /(Datetime);VA
1-0:9.6.1.3;4;Last 3 month T1 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.2.3;4;Last 3 month T2 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.3.3;4;Last 3 month T3 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.4.3;4;Last 3 month T4 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.0.4;4;Last 4 month total import apparent MD (kVA) /(Datetime);VA
1-0:9.6.1.4;4;Last 4 month T1 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.2.4;4;Last 4 month T2 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.3.4;4;Last 4 month T3 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.4.4;4;Last 4 month T4 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.0.5;4;Last 5 month total import apparent MD (kVA) /(Datetime);VA
1-0:9.6.1.5;4;Last 5 month T1 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.2.5;4;Last 5 month T2 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.3.5;4;Last 5 month T3 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.4.5;4;Last 5 month T4 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.0.6;4;Last 6 month total import apparent MD (kVA) /(Datetime);VA
1-0:9.6.1.6;4;Last 6 month T1 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.2.6;4;Last 6 month T2 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.3.6;4;Last 6 month T3 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.4.6;4;Last 6 month T4 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.0.7;4;Last 7 month total import apparent MD (kVA) /(Datetime);VA
1-0:9.6.1.7;4;Last 7 month T1 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.2.7;4;Last 7 month T2 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.3.7;4;Last 7 month T3 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.4.7;4;Last 7 month T4 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.0.8;4;Last 8 month total import apparent MD (kVA) /(Datetime);VA
1-0:9.6.1.8;4;Last 8 month T1 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.2.8;4;Last 8 month T2 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.3.8;4;Last 8 month T3 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.4.8;4;Last 8 month T4 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.0.9;4;Last 9 month total import apparent MD (kVA) /(Datetime);VA
1-0:9.6.1.9;4;Last 9 month T1 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.2.9;4;Last 9 month T2 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.3.9;4;Last 9 month T3 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.4.9;4;Last 9 month T4 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.0.10;4;Last 10 month total import apparent MD (kVA) /(Datetime);VA
1-0:9.6.1.10;4;Last 10 month T1 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.2.10;4;Last 10 month T2 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.3.10;4;Last 10 month T3 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.4.10;4;Last 10 month T4 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.0.11;4;Last 11 month total import apparent MD (kVA) /(Datetime);VA
1-0:9.6.1.11;4;Last 11 month T1 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.2.11;4;Last 11 month T2 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.3.11;4;Last 11 month T3 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.4.11;4;Last 11 month T4 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.0.12;4;Last 12 month total import apparent MD (kVA) /(Datetime);VA
1-0:9.6.1.12;4;Last 12 month T1 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.2.12;4;Last 12 month T2 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.3.12;4;Last 12 month T3 import apparent MD (kVA) /(Datetime);VA
1-0:9.6.4.12;4;Last 12 month T4 import apparent MD (kVA) /(Datetime);VA
1-0:13.7.0.255;3;Sum Li total power factor
1-0:1.7.0.255;3;Sum Li import active power (kW);W
1-0:2.7.0.255;3;Sum Li export active power (kW);W
1-0:3.7.0.255;3;Sum Li import reactive power (kvar);var
1-0:9.7.0.255;3;Sum Li import apparent power (kVA);VA
1-0:14.7.0.255;3;Frequency (Hz);Hz
1-0:31.7.0.255;3;L1 current (A);A
1-0:32.7.0.255;3;L1 voltage (V);V
1-0:33.7.0.255;3;L1 total power factor
1-0:21.7.0.255;3;L1 import active power (kW);W
1-0:23.7.0.255;3;L1 import reactive power (kvar);var
1-0:29.7.0.255;3;L1 import apparent power (kVA);VA
1-0:51.7.0.255;3;L2 current (A);A
1-0:52.7.0.255;3;L2 voltage (V);V
1-0:53.7.0.255;3;L2 total power factor
1-0:41.7.0.255;3;L2 import active power (kW);W
1-0:43.7.0.255;3;L2 import reactive power (kvar);var
1-0:49.7.0.255;3;L2 import apparent power (kVA);VA
1-0:71.7.0.255;3;L3 current (A);A
1-0:72.7.0.255;3;L3 voltage (V);V
1-0:73.7.0.255;3;L3 total power factor
1-0:61.7.0.255;3;L3 import active power (kW);W
1-0:63.7.0.255;3;L3 import reactive power (kvar);var
1-0:69.7.0.255;3;L3 import apparent power (kVA);VA
1-0:91.7.0.255;3;Neutral current (A);A
1-0:11.7.0.255;3;1P current (A);A
1-0:12.7.0.255;3;1P voltage (V);V
0-0:96.61.0.255;1;Number of Purchase of electricity
0-0:96.3.10.255;70;Main disconnector (including relay state, control state,Control mode,Disconnect,Connect)
0-0:15.0.0.255;22;Monthly eob single action schedule
0-0:95.51.0.255;3;Load curve interval time
0-0:128.2.1.255;1;GPRS modem setup (IP & Port &APN)
0-0:95.72.0.255;3;Owe energy threshold;Wh
0-0:95.71.0.255;3;Coemption energy threshold;Wh
1-0:96.66.0.255;3;Remain energy;Wh
1-0:96.68.0.255;3;Negative energy;Wh
1-0:129.129.2.255;1;TOKEN
1-0:129.39.130.255;1;Warning time
1-0:129.39.131.255;1;Rewarning time
1-0:99.1.0.255;7;Load Profile Channel 1
1-0:99.98.4.255;7;Under Voltage Logs
1-0:99.98.7.255;7;Over Voltage Logs
1-0:99.98.44.255;7;Over Current Logs
1-0:99.98.22.255;7;Current Reverse Logs
1-0:99.98.25.255;7;Over Power Logs
1-0:99.98.42.255;7;Open Meter Cover Logs
1-0:99.98.43.255;7;Open Meter Terminal Cover Logs
1-0:99.98.65.255;7;Current Imbalance Logs
1-0:99.98.50.255;7;Strong DC Field Logs
1-0:99.98.19.255;7;Neutral Err Logs
1-0:99.98.34.255;7;Power off Logs
1-0:99.98.46.255;7;Relay off Logs
1-0:99.98.1.255;7;L1 Loss Voltage Logs
1-0:99.98.2.255;7;L2 Loss Voltage Logs
1-0:99.98.3.255;7;L3 Loss Voltage Logs
1-0:99.98.5.255;7;L2 Under Voltage Logs
1-0:99.98.6.255;7;L3 Under Voltage Logs
1-0:99.98.8.255;7;L2 Over Voltage Logs
1-0:99.98.9.255;7;L3 Over Voltage Logs
1-0:99.98.45.255;7;L2 Over Current Logs
1-0:99.98.40.255;7;L3 Over Current Logs
1-0:99.98.29.255;7;L1 Loss Current Logs
1-0:99.98.30.255;7;L2 Loss Current Logs
1-0:99.98.31.255;7;L3 Loss Current Logs
1-0:99.98.21.255;7;Total Current Reverse Logs
1-0:99.98.23.255;7;L2 Current Reverse Logs
1-0:99.98.24.255;7;L3 Current Reverse Logs
1-0:99.98.28.255;7;Total Over Power Logs
1-0:99.98.26.255;7;L2 Over Power Logs
1-0:99.98.27.255;7;L3 Over Power Logs
1-0:99.98.32.255;7;Open Meter Box Logs
1-0:99.98.64.255;7;Voltage Imbalance Logs
1-0:99.98.37.255;7;Current Bypass Logs
1-0:99.98.38.255;7;Current Open Logs
1-0:99.98.47.255;7;Relay on Logs
1-0:99.98.101.255;7;Battery low Logs
1-0:99.98.63.255;7;Tamper Logs
1-0:99.98.70.255;7;Credit token time Logs
1-0:99.98.84.255;7;Credit token Logs
1-0:99.98.85.255;7;Credit energy Logs
1-0:99.98.86.255;7;Technology token Logs
1-0:99.98.87.255;7;Meter mode Post Logs
1-0:99.98.88.255;7;Meter mode Prepaid Logs
1-0:93.7.0.255;3;Neutral power factor
1-0:81.7.0.255;3;Neutral import active power;W
1-0:83.7.0.255;3;Neutral import reactive power;var
0-0:96.96.1.255;1;Token
0-0:96.67.0.255;3;Energy;Wh
`;
