// BoxOffice
